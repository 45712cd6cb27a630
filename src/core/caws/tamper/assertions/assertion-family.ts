import type { AssertionFact } from '../../syntax-facts.js';

/** The kind of question that an assertion asks. */
export type Family =
  | 'equal'
  | 'part'
  | 'match'
  | 'throws'
  | 'order'
  | 'close'
  | 'type'
  | 'length'
  | 'property'
  | 'truth'
  | 'defined'
  | 'called'
  | 'snapshot'
  | 'helper'
  | 'other';

/** What is asked, with the framework's spelling taken away. */
export type Plain = { readonly family: Family; readonly negated: boolean } & Pick<
  AssertionFact,
  'subject' | 'expected'
>;

const families: readonly (readonly [RegExp, Family])[] = [
  [/snapshot/i, 'snapshot'],
  [
    /(^|\.)(toThrow\w*|throws?|throw|throwError|rejects|rejectedWith|rejected|throwsAsync|raises|assertRaises\w*|warns|assertWarns\w*|deprecated_call)(\.|$)/,
    'throws',
  ],
  [
    /toHaveBeen|toHaveReturned|toBeCalled|assert_(called|any_call|has_calls|not_called|awaited)|calledWith|calledOnce|sinon\.assert/i,
    'called',
  ],
  [/closeTo|approximately|AlmostEqual|allclose|almost_equal|InDelta/i, 'close'],
  [
    /toMatchObject|objectContaining|containSubset|t\.(like|has|hasStrict)$|partialDeepStrictEqual|assertDictContains|assertContainsSubset/i,
    'part',
  ],
  [/toContain\w*|includes?|contains?|members|assertIn$|assert in$|assertNotIn|assert not in|oneOf|keys?$/i, 'part'],
  [/toMatch|\bmatch|regex|Regexp/i, 'match'],
  [/(GreaterThan|LessThan|above|below|least|most|assertGreater|assertLess|within|assert [<>]=?)/i, 'order'],
  [/toHaveLength|lengthOf|length|size|assertCount/i, 'length'],
  [/property/i, 'property'],
  [
    /toBeInstanceOf|instanceof|instanceOf|isInstance|assertIsInstance|isinstance|typeOf|toBeTypeOf|expect\(\)\.(be\.)?(an?)$|t\.type$/i,
    'type',
  ],
  [
    /toBeDefined|exist|isDefined|assertIsNotNone|assert is not$|toBeNull$|null|undefined|assertIsNone|isNone/i,
    'defined',
  ],
  [
    /toBeTruthy|toBeFalsy|^assert$|\.ok$|notOk|truthy|falsy|assertTrue|assertFalse|assert_$|isOk|isTrue|isFalse|be\.true|be\.false|^assert or$|t\.(true|false|assert)$/,
    'truth',
  ],
  [
    /toBe|[eE]qual|\beql\b|\beq\b|t\.(is|same|strictSame)|assert (==|is|!=|is not)$|assertIs$|deepEquals|assertListEqual|\.expect$|assert_frame_equal|assert_array_equal/,
    'equal',
  ],
];

/** The family of a form; forms that are not known are `other` after `expect`, else a helper's. */
export function familyOf(form: string): Family {
  return families.find(([pattern]) => pattern.test(form))?.[1] ?? (form.startsWith('expect()') ? 'other' : 'helper');
}
