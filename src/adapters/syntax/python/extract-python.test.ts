import { describe, expect, it } from 'vitest';
import { createSyntax } from '../create-syntax.js';

const syntax = createSyntax();
const facts = (text: string) => syntax.extract('tests/test_a.py', text);

describe('Python names', () => {
  it.each([
    ['import os\nos._exit(0)', 'os._exit'],
    ['from os import _exit as bye\nbye(0)', 'os._exit'],
    ['import os as o\no._exit(0)', 'os._exit'],
    ['import os\ngetattr(os, "_ex" + "it")(0)', 'os._exit'],
    ['__import__("os")._exit(0)', 'os._exit'],
    ['import sys\nsys.modules["os"]._exit(0)', 'os._exit'],
    ['import os\nbye = os._exit\nbye(0)', 'os._exit'],
    ['from unittest import mock\nmock.patch("a.b")', 'mock.patch'],
    ['from unittest.mock import patch\npatch("a.b")', 'mock.patch'],
  ])('reads %j as %s', (text, callee) => {
    expect(facts(text).calls.map((call) => call.callee)).toContain(callee);
  });
});

describe('Python tests', () => {
  it.each([
    ['def test_a():\n  assert f() == 1', []],
    ['@pytest.mark.skip\ndef test_a():\n  assert f()', ['skip']],
    ['from pytest import mark as m\n@m.skip(reason="x")\ndef test_a():\n  assert f()', ['skip']],
    ['off = pytest.mark.skip\n@off\ndef test_a():\n  assert f()', ['skip']],
    ['off = pytest.mark.skip(reason="x")\n@off\ndef test_a():\n  assert f()', ['skip']],
    ['@pytest.mark.skipif(True, reason="x")\ndef test_a():\n  assert f()', ['skip']],
    ['@pytest.mark.skipif(on_mac(), reason="x")\ndef test_a():\n  assert f()', ['skipif']],
    ['@pytest.mark.xfail\ndef test_a():\n  assert f()', ['xfail']],
    ['@unittest.expectedFailure\ndef test_a():\n  assert f()', ['fails']],
    ['def off(fn):\n  return pytest.mark.skip(fn)\n@off\ndef test_a():\n  assert f()', ['skip']],
    ['def test_a():\n  pytest.skip("later")\n  assert f()', ['skip']],
    ['def test_a():\n  if on_mac():\n    pytest.skip("mac")\n  assert f()', ['skipif']],
    ['def test_a():\n  return\n  assert f()', ['early-return']],
    ['def test_a():\n  raise unittest.SkipTest\n  assert f()', ['skip']],
    ['if False:\n  def test_a():\n    assert f()', ['unreachable']],
    ['def test_a():\n  assert f()\ntest_a = None', ['never-called']],
    ['def test_a():\n  assert f()\ndel test_a', ['never-called']],
  ])('reads %j with modifiers %j', (text, modifiers) => {
    expect(facts(text).tests.find((test) => test.title === 'test_a')?.modifiers).toEqual(modifiers);
  });

  it('marks a whole module', () => {
    const suite = (text: string) => facts(text).tests.find((test) => test.title === '<module>')?.modifiers;
    expect(suite('pytestmark = pytest.mark.skip(reason="x")\ndef test_a(): assert 1')).toEqual(['skip']);
    expect(suite('pytestmark = [pytest.mark.skip]\ndef test_a(): assert 1')).toEqual(['skip']);
    expect(suite('pytest.skip("x", allow_module_level=True)\ndef test_a(): assert 1')).toEqual(['skip']);
    expect(suite('__test__ = False\ndef test_a(): assert 1')).toEqual(['skip']);
  });

  it('reads classes, and what a test runner would not collect is no test', () => {
    const { tests } = facts(
      'class TestA(Base):\n  def test_b(self): assert 1\n  def other(self): pass\nclass Other:\n  def test_c(self): assert 1\ndef off():\n  def test_d(): assert 1',
    );
    expect(tests.map((test) => [...test.path, test.title].join('.'))).toEqual(['TestA', 'TestA.test_b']);
  });

  it('counts rows, those that are marked as skipped left out', () => {
    const rows = (table: string) =>
      facts(`@pytest.mark.parametrize("a", ${table})\ndef test_a(a):\n  assert a`).tests[0]?.rows;
    expect(rows('[1, 2]')).toBe(2);
    expect(rows('[]')).toBe(0);
    expect(rows('[1, pytest.param(2, marks=pytest.mark.skip)]')).toBe(1);
    expect(rows('load()')).toBeNull();
  });
});

describe('Python assertions', () => {
  const first = (text: string) => facts(`def test_a(self):\n  ${text}`).assertions[0];

  it.each([
    ['assert f(1) == 2', 'assert ==', 'f(1)', ['2']],
    ['assert 2 == f(1)', 'assert ==', 'f(1)', ['2']],
    ['assert (f(1) == 2), "why"', 'assert ==', 'f(1)', ['2']],
    ['assert f(1)', 'assert', 'f(1)', []],
    ['assert a or b', 'assert or', 'a or b', []],
    ['assert x not in [1, 2]', 'assert not in', 'x', ['[1, 2]']],
    ['assert isinstance(f(1, 2), (int, str))', 'assert isinstance', 'f(1, 2)', ['(int, str)']],
    ['self.assertEqual(f(1), 2, "why")', 'self.assertEqual', 'f(1)', ['2']],
    ['self.assertEqual(2, f(1))', 'self.assertEqual', 'f(1)', ['2']],
    ['with pytest.raises(ValueError, match="x"): f(1)', 'pytest.raises', 'f(1)', ['ValueError', 'match="x"']],
    ['with self.assertRaises(ValueError): f(1)', 'self.assertRaises', 'f(1)', ['ValueError']],
    ['m.assert_called_once_with(1)', '.assert_called_once_with', 'm', ['1']],
    ['np.testing.assert_allclose(f(), 2)', 'assert_allclose', 'f()', ['2']],
  ])('reads %s', (text, form, subject, expected) => {
    expect(first(text)).toMatchObject({ form, subject, expected, guard: null, test: 0 });
  });

  it('reads `and` as two assertions', () => {
    expect(facts('def test_a():\n  assert a == 1 and b == 2').assertions.map((it) => it.subject)).toEqual(['a', 'b']);
  });

  it.each([
    ['if a:\n    assert b', 'branch'],
    ['if False:\n    assert b', 'unreachable'],
    ['try:\n    assert b\n  except Exception:\n    pass', 'try'],
    ['try:\n    assert b\n  except KeyError:\n    pass', null],
    ['with contextlib.suppress(AssertionError):\n    assert b', 'try'],
    ['for a in []:\n    assert b', 'empty-loop'],
    ['def later():\n    assert b', 'never-called'],
    ['return\n  assert b', 'after-return'],
  ])('sees the guard of %j: %s', (text, guard) => {
    expect(first(text)?.guard).toBe(guard);
  });
});
