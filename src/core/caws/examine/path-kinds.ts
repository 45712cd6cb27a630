import { isTestPath } from '../test-path.js';

const documentName = /\.(md|mdx|markdown|rst|adoc|asciidoc|txt|textile|org|tex|pdf)$/i;
const documentPlace = /^(docs?|documentation|man|\.changeset)\//i;
const documentRoot =
  /(^|\/)(readme|changelog|changes|history|license|licence|copying|notice|authors|contributors|security|support|contributing)(\.[a-z]+)?$/i;
const picture = /\.(png|jpe?g|gif|svg|webp)$/i;
const programName = /\.([cm]?[jt]sx?|py|go|rs|rb|java|kt|c|cc|cpp|h|hpp|cs|php|swift|scala|sh|bash|vue|svelte)$/i;

/** True for documents: text formats, README-like names, and what is no program under a documentation folder. */
export function isDocumentation(path: string): boolean {
  if (documentName.test(path) || documentRoot.test(path))
    return !/(^|\/)(requirements|constraints)[^/]*\.txt$/i.test(path);
  return documentPlace.test(path) && (picture.test(path) || !programName.test(path));
}

const toolingPlace =
  /^(scripts?|tools?|build|config|configs|etc|ci|docker|deploy|infra|bench|benchmarks?|\.vscode|\.devcontainer)\//i;
const toolingName =
  /(^|\/)(package(-lock)?\.json|pnpm-(lock|workspace)\.yaml|yarn\.lock|bun\.lockb?|makefile|gnumakefile|dockerfile[^/]*|compose\.ya?ml|docker-compose[^/]*\.ya?ml|justfile|taskfile\.ya?ml|pyproject\.toml|setup\.(py|cfg)|requirements[^/]*\.txt|poetry\.lock|uv\.lock|pipfile(\.lock)?|tox\.ini|noxfile\.py|go\.(mod|sum|work)|cargo\.(toml|lock)|build\.(gradle|sbt)(\.kts)?|pom\.xml|cmakelists\.txt|[jt]sconfig[^/]*\.json|[^/]+\.config\.[cm]?[jt]s|turbo\.json|nx\.json|lerna\.json|renovate\.json5?|biome\.jsonc?)$/i;
const dotFile = /(^|\/)\.[^/]+$/;

/** True for build and tooling: manifests, lock files, configuration, dot files, script folders. Tests are not tooling. */
export function isTooling(path: string): boolean {
  if (isTestPath(path)) return false;
  return toolingName.test(path) || toolingPlace.test(path) || dotFile.test(path);
}
