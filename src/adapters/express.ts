import type { IncomingMessage } from "node:http";
import type { NextFunction, Request, RequestHandler, Response } from "express";
import type { Audience, GroupsConfig, ModelsConfig, SignedIn } from "../accounts/models.js";
import type { Auth } from "../auth.js";
import { handleNode } from "./kit-node.js";
import { authenticateNode, identifyNode, refuseUnavailable } from "./kit-node-guard.js";
import type { NodeRequest } from "./kit-node-request.js";
import { notLetIn, signedInFinder } from "./kit-signed-in.js";

export type { SignedIn } from "../accounts/models.js";

// The app may have declared an account of its own for its requests. Then that is what they have, here too.
type OwnAccount = Express.Request extends { account?: infer Own } ? Own : unknown;

declare module "express-serve-static-core" {
  interface Request<P, ResBody, ReqBody, ReqQuery, LocalsObj> {
    /** The signed-in account: of the models that `authenticate` or `identify` of this route lets in. */
    account: LocalsObj extends { account: infer Account } ? Account & OwnAccount : OwnAccount;
  }
}

/** What `authenticate` leaves in `res.locals`; `account` is also `req.account`. */
export type SignedInLocals<M extends ModelsConfig, G, Name extends string> = SignedIn<M, G, Name> &
  Record<string, unknown>;

/** What `identify` leaves there: nothing for a stranger. */
export type IdentifiedLocals<M extends ModelsConfig, G, Name extends string> = (
  | SignedIn<M, G, Name>
  | { readonly account: undefined; readonly model?: undefined; readonly client?: undefined }
) &
  Record<string, unknown>;

/** What of a request tells who asks: Express's own link to its response. */
export interface GuardedRequest {
  readonly res?: { readonly locals: object } | undefined;
}

/** A middleware that finds out who asks. Says nothing of the route's parameters, body and query: the route and its handlers do. */
export interface Guard<Locals extends Record<string, unknown>, Found> {
  (req: IncomingMessage, res: Response<unknown, Locals>, next: NextFunction): Promise<void>;
  /**
   * Who asks, for handlers whose types do not tell because the guard stands elsewhere. Throws a TypeError if this guard did not let
   * the request in.
   *
   * @example
   * const users = authenticate(auth, "user");
   * router.use(users);
   * router.get("/me", (req, res) => res.json({ name: users.signedIn(req).account.name }));
   */
  signedIn(req: GuardedRequest): Found;
}

/** What Express says of bodies: nothing. */
type Body = Request["body"];

/**
 * A handler behind `authenticate`, for one that stands in another file.
 *
 * @example
 * export const showMe: AuthenticatedHandler<typeof auth, "user"> = (req, res) => {
 *   res.json({ name: req.account.name });
 * };
 */
export type AuthenticatedHandler<A, Name extends string, Params = Record<string, string>> =
  A extends Auth<infer M, infer G>
    ? RequestHandler<Params, Body, Body, Request["query"], SignedInLocals<M, G, Name>>
    : never;

/** Mounts the auth routes of every model, and responds to the preflights of the front ends. Works before or behind a body parser. */
export function keyturn<M extends ModelsConfig, G extends GroupsConfig<M>>(auth: Auth<M, G>): RequestHandler {
  return (req, res, next) => {
    if (!handleNode(auth, req, res, req.baseUrl)) next();
  };
}

/**
 * Lets a route be used by the accounts of a model or group only; everybody else gets a 401.
 *
 * @example
 * app.use(keyturn(auth));
 * app.get("/me", authenticate(auth, "user"), (req, res) => res.json({ name: req.account.name }));
 */
export function authenticate<M extends ModelsConfig, G extends GroupsConfig<M>, Name extends Audience<M, G>>(
  auth: Auth<M, G>,
  audience: Name,
): Guard<SignedInLocals<M, G, Name>, SignedIn<M, G, Name>> {
  const signedIn = finder(auth, audience);
  const guard = async (req: NodeRequest, res: Response<unknown>, next: NextFunction): Promise<void> => {
    const found = await authenticateNode(auth, audience, req, res);
    if (!found) return;
    letIn(req, res, found);
    next();
  };
  return Object.assign(guard, {
    signedIn(req: GuardedRequest) {
      const found = signedIn(req);
      if (!found) throw notLetIn(audience);
      return found;
    },
  });
}

/** The same for a route that is also there for strangers: for them, `req.account` is undefined. */
export function identify<M extends ModelsConfig, G extends GroupsConfig<M>, Name extends Audience<M, G>>(
  auth: Auth<M, G>,
  audience: Name,
): Guard<IdentifiedLocals<M, G, Name>, SignedIn<M, G, Name> | undefined> {
  const guard = async (req: NodeRequest, res: Response<unknown>, next: NextFunction): Promise<void> => {
    let found: SignedIn<M, G, Name> | undefined;
    try {
      found = await identifyNode(auth, audience, req, res);
    } catch (error) {
      refuseUnavailable(auth, audience, error, req, res);
      return;
    }
    letIn(req, res, found ?? { account: undefined });
    next();
  };
  return Object.assign(guard, { signedIn: finder(auth, audience) });
}

function letIn(req: NodeRequest, res: Response<unknown>, found: { readonly account: unknown }): void {
  Object.assign(res.locals, found);
  Object.assign(req, { account: found.account });
}

function finder<M extends ModelsConfig, G extends GroupsConfig<M>, Name extends Audience<M, G>>(
  auth: Auth<M, G>,
  audience: Name,
): (req: GuardedRequest) => SignedIn<M, G, Name> | undefined {
  const find = signedInFinder(auth, audience);
  return ({ res }) => find(res?.locals);
}
