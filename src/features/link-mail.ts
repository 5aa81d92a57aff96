import type { Model } from "../accounts/models.js";
import type { MailContents } from "./services.js";

/** The link of a mail: where it leads, what carries its secret, and what stands beside it. */
export interface MailedLink {
  /** Below the model's mount point: `/confirmation`. */
  readonly path: string;
  /** Name of the parameter that has the secret. */
  readonly parameter: string;
  readonly secret: string;
  /** Milliseconds that it works. */
  readonly lifespan: number;
  readonly redirectUrl: string | undefined;
  readonly config: string | undefined;
}

/** What a mail says of its link. */
export type LinkContents = Pick<MailContents, "validFor" | "redirectUrl" | "config"> &
  Required<Pick<MailContents, "link">>;

export function linkMail({
  path,
  parameter,
  secret,
  lifespan,
  redirectUrl,
  config,
}: MailedLink): LinkContents {
  return {
    link: {
      path,
      query: {
        config: config ?? "default",
        [parameter]: secret,
        ...(redirectUrl === undefined ? {} : { redirect_url: redirectUrl }),
      },
    },
    validFor: lifespan,
    ...(redirectUrl === undefined ? {} : { redirectUrl }),
    ...(config === undefined ? {} : { config }),
  };
}

/** The link as it stands in a mail: it begins with `baseUrl` and the model's mount point, whatever a request says. */
export function linkUrl(baseUrl: string, model: Model, { path, query }: LinkContents["link"]): string {
  return `${baseUrl}${model.mountAt}${path}?${new URLSearchParams(query)}`;
}
