/** What the command line needs of the process. */
export interface Terminal {
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  readonly interactive: boolean;
  readonly colour: boolean;
  readonly directory: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  setExitCode(code: number): void;
}
