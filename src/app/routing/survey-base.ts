import { compilePatterns } from '../../core/caws/scope-pattern.js';
import type { WorkingSpec } from '../../core/caws/working-spec.js';
import { isRead } from '../../core/routing/language-of.js';
import type { Survey } from '../../core/routing/need-of-task.js';
import type { GitSession } from '../../ports/git.js';

/** Files whose size is asked for, spread over the scope: their mean is all that is wanted. */
const mostSizes = 500;

/** Surveys by base and scope, neither of which ever changes; tasks of one base come one after another. */
const remembered = new Map<string, Survey>();
const mostRemembered = 4;

/** The survey of a base under a spec: looked up once by a process, since a large tree takes a second. */
export async function surveyBase(
  git: Pick<GitSession, 'listFiles' | 'blobSizes'>,
  base: string,
  spec: Pick<WorkingSpec, 'scope'> | null,
): Promise<Survey> {
  const key = `${base} ${JSON.stringify(spec?.scope ?? null)}`;
  const known = remembered.get(key);
  if (known !== undefined) return known;
  const survey = await takeSurvey(git, base, spec);
  const [oldest] = remembered.keys();
  if (remembered.size >= mostRemembered && oldest !== undefined) remembered.delete(oldest);
  remembered.set(key, survey);
  return survey;
}

/** Counts the files of a base, names those in the spec's scope, and looks up how big some of them are. Reads no content. */
async function takeSurvey(
  git: Pick<GitSession, 'listFiles' | 'blobSizes'>,
  base: string,
  spec: Pick<WorkingSpec, 'scope'> | null,
): Promise<Survey> {
  const all = await git.listFiles(base, '');
  if (spec === null) return { files: all.length, inScope: [] };
  const [isIn, isOut] = [compilePatterns(spec.scope.in), compilePatterns(spec.scope.out)];
  const inScope = all.filter(({ path, mode }) => mode.startsWith('100') && isIn(path) && !isOut(path));
  const read = inScope.filter(({ path }) => isRead(path));
  const step = Math.max(1, Math.ceil(read.length / mostSizes));
  const sizes = await git.blobSizes(read.filter((_, at) => at % step === 0).map(({ blob }) => blob));
  return {
    files: all.length,
    inScope: inScope.map(({ path, blob }) => ({ path, bytes: sizes.get(blob) ?? null })),
  };
}
