import type { NextFunction, RequestHandler, Response } from "express";
import type { AccountIn, Audience, GroupsConfig, ModelsConfig } from "../accounts/models.js";
import type { Auth } from "../auth.js";
import { AuthError } from "../errors.js";
import { rejected } from "../http/authenticate.js";
import { internals } from "../internals.js";
import { handleNode } from "./kit-node.js";
import { authenticateNode, identifyNode, type SignedIn } from "./kit-node-guard.js";
import type { NodeRequest } from "./kit-node-request.js";
import { sendGuardResponse } from "./kit-node-response.js";
import { refusalFor } from "./kit-refusal.js";

declare module "express-serve-static-core" {
  interface Request<P, ResBody, ReqBody, ReqQuery, LocalsObj> {
    /** The signed-in account: of the models that `authenticate` or `identify` of this route lets in. */
    account: LocalsObj extends { account: infer Account } ? Account : unknown;
  }
}

/** What `authenticate` leaves in `res.locals`; `account` is also `req.account`. */
export type SignedInLocals<A> = SignedIn<A> & Record<string, unknown>;

// Says nothing of the route's parameters, body and query, so that they are inferred from the route and its handlers.
type Guard<Locals extends Record<string, unknown>> = (
  req: NodeRequest,
  res: Response<unknown, Locals>,
  next: NextFunction,
) => Promise<void>;

/** Mounts the auth routes of every model, and responds to the preflights of the front ends. Works before or behind a body parser. */
export function keyturn<M extends ModelsConfig, G extends GroupsConfig<M>>(auth: Auth<M, G>): RequestHandler {
  return (req, res, next) => {
    if (!handleNode(auth, req, res, req.baseUrl)) next();
  };
}

/** Lets a route be used by the accounts of a model or group only; everybody else gets a 401. */
export function authenticate<M extends ModelsConfig, G extends GroupsConfig<M>, Name extends Audience<M, G>>(
  auth: Auth<M, G>,
  audience: Name,
): Guard<SignedInLocals<AccountIn<M, G, Name>>> {
  // A name that does not exist is a mistake at start, not at the first request.
  auth[internals].registry.audience(audience);
  return async (req, res, next) => {
    const signedIn = await authenticateNode(auth, audience, req, res);
    if (!signedIn) return;
    Object.assign(res.locals, signedIn);
    Object.assign(req, { account: signedIn.account });
    next();
  };
}

/** The same for a route that is also there for strangers: for them, `req.account` is undefined. */
export function identify<M extends ModelsConfig, G extends GroupsConfig<M>, Name extends Audience<M, G>>(
  auth: Auth<M, G>,
  audience: Name,
): Guard<
  Partial<SignedIn<AccountIn<M, G, Name>>> & { account: AccountIn<M, G, Name> | undefined } & Record<
      string,
      unknown
    >
> {
  // A name that does not exist is a mistake at start, not at the first request.
  auth[internals].registry.audience(audience);
  return async (req, res, next) => {
    let signedIn: Awaited<ReturnType<typeof identifyNode<M, G, Name>>>;
    try {
      signedIn = await identifyNode(auth, audience, req, res);
    } catch (error) {
      if (!(error instanceof AuthError)) throw error;
      sendGuardResponse(refusalFor(auth, rejected(error), req.headers.origin), res);
      return;
    }
    Object.assign(res.locals, signedIn);
    Object.assign(req, { account: signedIn?.account });
    next();
  };
}
