import type { Model, ModelsConfig } from "../accounts/models.js";
import { checkEmail, checkFields, startChecks } from "../accounts/validation.js";
import { parseDuration } from "../config/duration.js";
import { AuthError } from "../errors.js";
import {
  createInvitation,
  type MadeInvitation,
  mailInvitation,
  type NewInvitation,
} from "../features/invitations/create-invitation.js";
import { linkUrl } from "../features/link-mail.js";
import type { Services } from "../features/services.js";
import type { Runtime } from "../http/runtime.js";
import type { Accounts, ByOptions, InvitationOptions, MailedInvitation } from "./accounts.js";
import { needObject, needText } from "./arguments.js";
import { fieldsOf, targetOf } from "./given.js";

type Parts = Pick<Runtime, "services" | "settings"> & { readonly model: Model };
type InvitationFunctions<M extends ModelsConfig> = Pick<
  Accounts<M>,
  "createInvitation" | "mailInvitation" | "withdrawInvitation"
>;

/** The functions about invitations. `open`: the parts as whoever makes the changes uses them. */
export function createInvitationFunctions<M extends ModelsConfig>(
  open: (name: string, options?: ByOptions) => Promise<Parts>,
): InvitationFunctions<M> {
  const opened = async (name: string, options?: ByOptions): Promise<Parts> => {
    const parts = await open(name, options);
    if (parts.model.registration !== "invitation")
      throw new TypeError(`models.${name} needs registration: "invitation" for this`);
    return parts;
  };
  return {
    async createInvitation(name, values, options = {}) {
      const parts = await opened(name, options);
      const { services, settings, model } = parts;
      const made = await createInvitation(services, model, await checked(parts, values ?? {}, options));
      const link = made.link && linkUrl(settings.baseUrl, model, made.link.link);
      return { ...shown(made), token: made.token, link };
    },
    async mailInvitation(name, values, options = {}) {
      const parts = await opened(name, options);
      needObject("values", values);
      const given: Readonly<Record<string, unknown>> = values;
      // Without an address it is told that it has none.
      const invitation = await checked(parts, { ...given, email: given["email"] ?? "" }, options);
      const { email, redirectUrl } = invitation;
      if (redirectUrl === undefined) throw new AuthError("redirect_missing");
      const made = await mailInvitation(parts.services, parts.model, {
        ...invitation,
        email: email ?? "",
        redirectUrl,
      });
      return shown(made);
    },
    async withdrawInvitation(name, id, options) {
      const { services, model } = await opened(name, options);
      needText("id", id);
      const withdrawn = (await services.store.flows.take("invitation", id)) !== undefined;
      if (withdrawn) services.emit("invitation.withdrawn", { model: model.name });
      return withdrawn;
    },
  };
}

/** Throws an AuthError `invalid` and `redirect_refused`, and a TypeError for what can be no invitation. */
async function checked(
  { services, settings, model }: Parts,
  given: Readonly<Record<string, unknown>>,
  options: InvitationOptions,
): Promise<NewInvitation> {
  needObject("values", given);
  const { email, ...values } = given;
  const checks = startChecks();
  const address = email === undefined ? undefined : checkEmail(email, checks);
  const fields = checkFields(model, fieldsOf(model, values), "account_update", checks, "app");
  if (address !== undefined && (await isTaken(services, model, address)))
    checks.add("email", { code: "taken" });
  checks.done({});
  return {
    email: address ?? null,
    fields,
    lifespan: lifespanOf(options, settings.acceptInvitationWithin),
    redirectUrl: targetOf({ services }, options, settings.defaultInvitationUrl),
  };
}

async function isTaken({ store }: Services, model: Model, email: string): Promise<boolean> {
  return (await store.accounts.findByEmail(model, email)) !== undefined;
}

function lifespanOf({ expiresIn }: InvitationOptions, byDefault: number): number {
  const lifespan = expiresIn === undefined ? byDefault : parseDuration(expiresIn);
  if (lifespan === undefined || !(lifespan >= 1000))
    throw new TypeError('"expiresIn" must be a duration of at least a second, such as "1d"');
  return lifespan;
}

function shown({ id, expiresAt }: MadeInvitation): MailedInvitation {
  return { id, expiresAt: new Date(expiresAt).toISOString() };
}
