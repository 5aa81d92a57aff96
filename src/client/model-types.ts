import type { NamesModels } from "../protocol.js";
import type { ClientAccount } from "./state.js";
import type { Client, ClientOptions } from "./types.js";

/** What a type parameter of `createClient` may say: `typeof auth`, or the models written out. */
type ModelsIn<S> = S extends NamesModels<infer M> ? (unknown extends M ? S : M) : S;

/** The names of a server's models. */
export type ModelName<S> = keyof ModelsIn<S> & string;

/** `user` where there is one, else any. */
export type UsualModel<S> = "user" extends ModelName<S> ? "user" : ModelName<S>;

type ValueOf<F> = F extends { readonly type: "string" }
  ? string
  : F extends { readonly type: "boolean" }
    ? boolean
    : F extends { readonly type: "integer" | "number" }
      ? number
      : unknown;

type FieldsOf<M> = M extends { readonly fields: infer F }
  ? { readonly [Name in keyof F]: ValueOf<F[Name]> | null }
  : unknown;

/** An account of one model, with the fields of its own. */
export type AccountOf<S, Name extends string = UsualModel<S>> = ClientAccount &
  (Name extends keyof ModelsIn<S> ? FieldsOf<ModelsIn<S>[Name]> : unknown);

/** The client of one model, by name: what an app writes where a type has to be spelled out. */
export type ClientOf<S, Name extends string = UsualModel<S>> = Client<AccountOf<S, Name>>;

/** The path has to be named unless it is the usual one. Where nobody has told it, only the model `user` is taken to have that. */
type MountOf<M, Name> = M extends { readonly mountAt: infer Path extends string }
  ? string extends Path
    ? UntoldMount<Name>
    : "/auth" extends Path
      ? { readonly mountAt?: Path | undefined }
      : { readonly mountAt: Path }
  : UntoldMount<Name>;

type UntoldMount<Name> = Name extends "user" ? unknown : { readonly mountAt: string };

/** The options of `createClient`, checked against the server's models. */
export type OptionsFor<S, Name extends string> = ClientOptions & {
  readonly model?: Name | undefined;
} & (Name extends keyof ModelsIn<S>
    ? MountOf<ModelsIn<S>[Name], Name> & (Name extends "user" ? unknown : { readonly model: Name })
    : unknown);

/** A server whose models nobody named: accounts may have any field. */
export type AnyServer = Readonly<
  Record<string, { readonly fields: Readonly<Record<string, { readonly type: unknown }>> }>
>;
