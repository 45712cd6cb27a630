/** Who made a commit, as its own header says: names that anybody may write. Empty where the header has no such line. */
export function readMakers(header: string): { readonly author: string; readonly committer: string } {
  const lines = header.split('\n\n', 1)[0]?.split('\n') ?? [];
  const of = (role: string): string => {
    const line = lines.find((one) => one.startsWith(`${role} `)) ?? '';
    return line.slice(role.length + 1).replace(/ \d+ [+-]\d{4}$/, '');
  };
  return { author: of('author'), committer: of('committer') };
}
