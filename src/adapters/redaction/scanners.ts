/** A stretch of a text that must go. */
export interface Stretch {
  readonly kind: string;
  readonly from: number;
  readonly to: number;
}

/** Finds what must go; throws where it cannot look. */
export type Scanner = (text: string) => Promise<readonly Stretch[]>;

/** Patterns of openredaction that hardly ever match code or figures; names of people are not among them. */
const personal = [
  'EMAIL',
  'PHONE_US',
  'PHONE_UK',
  'PHONE_UK_MOBILE',
  'PHONE_INTERNATIONAL',
  'SSN',
  'IBAN',
  'CREDIT_CARD',
  'ADDRESS_STREET',
  'ADDRESS_PO_BOX',
  'DATE_OF_BIRTH',
  'PASSPORT_US',
  'PASSPORT_UK',
  'NHS_NUMBER',
  'NATIONAL_INSURANCE_UK',
  'URL_WITH_AUTH',
];

/** secretlint with its recommended rules, and openredaction with the patterns above. */
export async function loadScanners(): Promise<readonly Scanner[]> {
  const [{ lintSource }, { creator }, { OpenRedaction }] = await Promise.all([
    import('@secretlint/core'),
    import('@secretlint/secretlint-rule-preset-recommend'),
    import('@openredaction/core'),
  ]);
  const config = { rules: [{ id: '@secretlint/secretlint-rule-preset-recommend', rule: creator, options: {} }] };
  const people = new OpenRedaction({ patterns: personal, includeNames: false, enableContextAnalysis: false });
  return [
    async (text) => {
      const source = { filePath: 'text.txt', content: text, contentType: 'text' as const, ext: '.txt' };
      const { messages } = await lintSource({ source, options: { config } });
      return messages.map(({ ruleId, range: [from, to] }) => ({ kind: nameOfRule(ruleId), from, to }));
    },
    async (text) => {
      const { detections } = await people.detect(text);
      return detections.map(({ type, position: [from, to] }) => ({
        kind: type.toLowerCase().replaceAll('_', '-'),
        from,
        to,
      }));
    },
  ];
}

function nameOfRule(ruleId: string): string {
  return ruleId.replace(/^.*secretlint-rule-/, '');
}
