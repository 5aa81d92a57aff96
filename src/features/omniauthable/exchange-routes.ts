import { z } from "zod";
import { AuthError } from "../../errors.js";
import type { Route } from "../feature.js";
import { userSchema } from "../schemas.js";
import { nativeRoutes } from "./native-routes.js";
import { isOffered } from "./offered.js";
import { redeemCode } from "./one-time-code.js";
import { signInReply } from "./signed-in.js";

const redeem: Route = {
  method: "POST",
  path: "/omniauth_code",
  limit: "link",
  name: "redeemOmniauthCode",
  summary: "Exchange the one-time code of a sign-in with a provider",
  isFor: isOffered,
  access: "anyone",
  input: () => z.object({ omniauth_code: z.string(), code_verifier: z.string() }),
  output: (model) =>
    z.object({ data: userSchema(model), config: z.string(), oauth_registration: z.boolean().optional() }),
  errors: ["omniauth_code_invalid"],
  async action(call) {
    const { services, model } = call;
    const [code, verifier] = [call.text("omniauth_code"), call.text("code_verifier")];
    const { result, config } = await redeemCode(services, model.name, "account", code, verifier);
    const record = await services.store.accounts.find(model, result.accountId);
    if (!record) throw new AuthError("omniauth_code_invalid");
    return signInReply(call, { ...result, record }, config);
  },
};

export const exchangeRoutes: readonly Route[] = [redeem, ...nativeRoutes];
