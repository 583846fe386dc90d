/** One step of the schema. Steps run in order, each in an immediate transaction, and are never edited once released. */
export interface Migration {
  /** `user_version` after it; consecutive from 1. */
  readonly version: number;
  readonly name: string;
  readonly sql: string;
}
