/** A word of every phrase below, so that most lines cost one test. */
const anyWord =
  /ignore|disregard|forget|overrid|bypass|claude|copilot|codex|gemini|gpt|llm|model|\bai\b|automated|approve|you are now|pre-?approved|verified|certified|im_start|im_end|endoftext|begin_of_text|system|INST\]|<<SYS|verdict|score|grade|rating|flag|mention|reveal/i;

const reader =
  '(?:ai|llms?|gpt|chatgpt|claude|copilot|codex|gemini|language models?|(?:ai|llm|code|automated|automatic) (?:reviewers?|agents?|assistants?|judges?|graders?))';

const orders: readonly RegExp[] = [
  /\b(ignore|disregard|forget|override|bypass)\b.{0,20}\b(previous|prior|above|earlier|preceding|your|system|original)\b.{0,20}\b(instructions?|prompts?|guidelines|directives)\b/i,
  /\b(ignore|disregard|forget|override)\b.{0,10}\b(all|any|the|your)\b.{0,10}\b(previous|prior|preceding)\b.{0,20}\b(rules|context|polic(y|ies)|text)\b/i,
  new RegExp(
    `\\b${reader}\\b\\s*[,:!-]?.{0,40}\\b(must|should|shall|please|always|never|do not|don't|are to|is to)\\b.{0,60}\\b(approve|accept|pass|merge|trust|skip|ignore|flag|report|score|rate|grade|lgtm)\\b`,
    'i',
  ),
  new RegExp(
    `\\b(dear|attention|note (to|for)|message (to|for)|instructions? (to|for)|hey)\\b.{0,20}\\b${reader}\\b`,
    'i',
  ),
  /\b(approve|accept|merge)\b.{0,20}\bth(is|ese)\b.{0,20}\b(pull request|pr|change|changes|diff|patch|commit)\b.{0,40}\b(without|regardless|no matter|unconditionally|immediately|no further)\b/i,
  /\byou are now\b.{0,60}\b(developer mode|jailbroken|dan|unrestricted|an? (helpful )?(ai|assistant|agent|model))\b/i,
  /\b(this|the) (change|code|file|diff|patch|pull request) (has been|was|is) (already )?(pre-?approved|verified|reviewed and approved|certified)\b.{0,60}\b(skip|no (further )?(review|checks?)|ignore|verdict|pass)\b/i,
  /<\|?(im_start|im_end|endoftext|begin_of_text|start_header_id)\|?>|<\/?(system-reminder|system_prompt|system-prompt)>|\[\/?INST\]|<<SYS>>/,
  /^\W*(system|assistant|developer)\s*:\s*(you (are|must)|ignore|approve|from now on|always|output)\b/i,
  /\b(set|output|return|give|assign|award)\b.{0,25}\bthe\b.{0,10}\b(verdict|score|grade|rating)\b.{0,10}\b(pass|100|10\/10|full|maximum|highest|a\+)/i,
];

/** Phrases of orders that honest comments use as well. */
const hints: readonly RegExp[] = [
  /\b(ignore|disregard|forget|override|bypass)\b.{0,30}\b(all|any|above|the)\b.{0,30}\b(instructions?|prompts|rules|guidelines|polic(y|ies))\b/i,
  /\b(do not|don't|never)\b.{0,20}\b(flag|report|mention|reveal)\b.{0,20}\b(this|these)\b.{0,30}\b(as|to the|findings?|violations?|user|reviewer|issue|vulnerabilit(y|ies)|code|change|file|function)\b/i,
];

/** `order`: it can only be meant for a model that reads the change; `hint`: it may be. English, by phrase. */
export function aimedAtModels(text: string): 'order' | 'hint' | null {
  if (text.length <= 12 || !anyWord.test(text)) return null;
  if (orders.some((pattern) => pattern.test(text))) return 'order';
  return hints.some((pattern) => pattern.test(text)) ? 'hint' : null;
}
