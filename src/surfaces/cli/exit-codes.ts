/** Exit codes of every command; documented in README.md. */
export const exitCodes = { pass: 0, fail: 1, waiverRequired: 2, usage: 3, fault: 4 } as const;
