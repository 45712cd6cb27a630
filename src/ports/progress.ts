/** What a long operation tells while it runs. Rendering is the surface's. */
export interface Progress {
  /** A stage starts; ends the one before. */
  stage(name: string, detail?: string): void;
  /** Something happened inside the stage. */
  note(text: string): void;
}
