import type { NextFunction, RequestHandler, Response } from "express";
import type { AccountIn, Audience, GroupsConfig, ModelsConfig } from "../accounts/models.js";
import type { Auth } from "../auth.js";
import { AuthError } from "../errors.js";
import { authenticateNode, identifyNode, type NodeRequest, type SignedIn, toNodeListener } from "./node.js";

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

/** Mounts the auth routes of every model, and answers the preflights of the front ends. Works before or behind a body parser. */
export function keyturn<M extends ModelsConfig, G extends GroupsConfig<M>>(auth: Auth<M, G>): RequestHandler {
  return (req, res, next) => {
    toNodeListener(auth, () => next())(req, res);
  };
}

/** Lets a route be used by the accounts of a model or group only; everybody else gets a 401. */
export function authenticate<M extends ModelsConfig, G extends GroupsConfig<M>, Name extends Audience<M, G>>(
  auth: Auth<M, G>,
  audience: Name,
): Guard<SignedInLocals<AccountIn<M, G, Name>>> {
  // A name that is not there is a mistake of now, not of the first request.
  auth.registry.audience(audience);
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
  // A name that is not there is a mistake of now, not of the first request.
  auth.registry.audience(audience);
  return async (req, res, next) => {
    let signedIn: Awaited<ReturnType<typeof identifyNode<M, G, Name>>>;
    try {
      signedIn = await identifyNode(auth, audience, req, res);
    } catch (error) {
      if (!(error instanceof AuthError)) throw error;
      res.set({ "cache-control": "no-store", "retry-after": "1" });
      res.status(error.status).json({ errors: [error.message] });
      return;
    }
    Object.assign(res.locals, signedIn);
    Object.assign(req, { account: signedIn?.account });
    next();
  };
}
