const commands: readonly RegExp[] = [
  /\b(ignore|disregard|forget|override|bypass)\b.{0,30}\b(previous|prior|above|earlier|preceding|all|any|your|the|system)\b.{0,30}\b(instructions?|prompts?|rules|guidelines|directives|context|polic(y|ies))\b/i,
  /\b(ai|llm|gpt|claude|copilot|codex|gemini|language models?|(ai|code|automated|automatic) (reviewers?|agents?|assistants?|judges?|graders?))\b\s*[,:!-]?.{0,40}\b(must|should|shall|please|always|never|do not|don't|are to|is to)\b.{0,60}\b(approve|accept|pass|merge|trust|skip|ignore|flag|report|score|rate|grade|lgtm)\b/i,
  /\b(dear|attention|note (to|for)|message (to|for)|instructions? (to|for)|hey)\b.{0,20}\b(ai|llms?|gpt|claude|copilot|codex|gemini|language models?|(ai|code|automated) (reviewers?|agents?|judges?|graders?))\b/i,
  /\b(approve|accept|merge|pass)\b.{0,20}\bth(is|ese)\b.{0,20}\b(pull request|pr|change|changes|diff|patch|commit|code)\b.{0,40}\b(without|regardless|no matter|unconditionally|immediately|no further)\b/i,
  /\b(do not|don't|never)\b.{0,20}\b(flag|report|mention|reveal|mark)\b.{0,40}\b(this|these|the)\b.{0,30}\b(as|to the|finding|findings|violation|violations|user|reviewer|issue|vulnerabilit(y|ies)|code|change|file|function)\b/i,
  /\byou are now\b.{0,60}\b(mode|assistant|agent|ai|model|jailbroken|dan|unrestricted)\b/i,
  /\b(this|the) (change|code|file|diff|patch|pull request) (has been|was|is) (already )?(pre-?approved|verified|reviewed and approved|certified)\b.{0,60}\b(skip|no (further )?(review|checks?)|ignore|verdict|pass)\b/i,
  /<\|?(im_start|im_end|system|endoftext|begin_of_text|start_header_id)\|?>|<\/?(system-reminder|system_prompt|system-prompt)>|\[\/?INST\]|<<SYS>>/,
  /\b(set|output|return|give|assign|award)\b.{0,25}\b(verdict|score|grade|rating)\b.{0,15}\b(pass|100|10\/10|full|maximum|highest|a\+)/i,
];

/** True when a sentence gives an order to a model that reads the change. English, and by phrase: paraphrase evades it. */
export function isAimedAtModels(text: string): boolean {
  return text.length > 12 && commands.some((pattern) => pattern.test(text));
}
