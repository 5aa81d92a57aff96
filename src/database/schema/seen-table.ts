/** A table of the current schema or database, as it is. */
export interface SeenTable {
  readonly name: string;
  readonly isView: boolean;
  /** What keeps the table, if it knows no transactions: MySQL's MyISAM, for one. */
  readonly laxEngine: string | null;
  readonly columns: readonly SeenColumn[];
  readonly indexNames: readonly string[];
  /** The columns of each index and constraint that makes whole rows unique. */
  readonly uniques: readonly (readonly string[])[];
  column(name: string): SeenColumn | undefined;
  /** The columns of an index of that name. */
  columnsOf(index: string): readonly string[];
}

export interface SeenColumn {
  readonly name: string;
  /** As the engine calls it, in lower case, without length; a domain's base type. */
  readonly type: string;
  /** The same as the engine writes it, with its length. */
  readonly fullType: string;
  readonly length: number | null;
  /** Digits behind the point: of a decimal, or of the seconds of a moment. */
  readonly scale: number | null;
  /** The texts of an enumeration. */
  readonly labels: readonly string[] | null;
  readonly isNullable: boolean;
  readonly hasDefault: boolean;
  /** Whether nobody can write it. */
  readonly isGenerated: boolean;
  /** Whether every change of the row changes it too. */
  readonly isTouched: boolean;
  readonly charset: string | null;
  readonly collation: string | null;
}
