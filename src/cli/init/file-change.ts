/** A file as it is and as it would be. Paths are relative to the project, with `/`. */
export interface FileChange {
  readonly path: string;
  /** `undefined`: it is not there yet. */
  readonly before: string | undefined;
  readonly after: string;
  /** Permissions of a file that is made. */
  readonly mode?: number;
  /** Its text is not shown. */
  readonly isPrivate?: boolean;
  /** Where what is there now goes. */
  readonly copy?: string;
}
