/**
 * Why an exception is asked for, in the words of dialect B (constitution §7): once, for the schema of waivers, for the
 * dialect's warnings and for the command line, which must not load a schema to print its help.
 */
export const reasonCodes = [
  'emergency_hotfix',
  'legacy_integration',
  'experimental_feature',
  'third_party_constraint',
  'performance_critical',
  'security_patch',
  'infrastructure_limitation',
  'architectural_refactor',
  'other',
] as const;
