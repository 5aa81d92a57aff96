/** Whether two types are the same, also where one of them is `any`. */
export type Equals<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;

/** Compiles if the type is what it is said to be. */
export function is<Type>(_value: Type): void {}
