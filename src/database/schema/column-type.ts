/** What a column is, whatever the engine calls it. */
export type ColumnType =
  /** `isParsed`: the driver makes an object of it where the table says that it is JSON. */
  | { readonly is: "text" | "padded"; readonly isParsed?: boolean }
  | { readonly is: "integer"; readonly least: bigint; readonly most: bigint }
  | { readonly is: "decimal" | "boolean" | "bit" | "uuid" | "address" }
  /** `digits`: as many of a number as it keeps, where those are fewer than JavaScript's. */
  | { readonly is: "float"; readonly digits?: number }
  /** A day without a time. `isLoose`: the engine takes whatever is written, and some libraries write moments. */
  | { readonly is: "date"; readonly isLoose?: boolean }
  /**
   * `instant`: the driver knows its zone. `zoneless`: it has none, and is UTC. `session`: the server shows it in the connection's zone.
   */
  | { readonly is: "instant" | "zoneless" | "session" }
  /** Whatever is written. */
  | { readonly is: "any" }
  | { readonly is: "other" };

/** An integer of so many bits. */
export function integerOf(bits: number, isSigned = true): ColumnType {
  const size = 1n << BigInt(isSigned ? bits - 1 : bits);
  return { is: "integer", least: isSigned ? -size : 0n, most: size - 1n };
}
