/** Whom the setup tells what it finds, decides and does. */
export interface SetupReport {
  /** A line that stays. */
  line(label: string, text: string): void;
  /** What goes on just now. */
  progress(parts: readonly string[]): void;
}
