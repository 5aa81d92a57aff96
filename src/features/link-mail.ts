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
export function linkMail({
  path,
  parameter,
  secret,
  lifespan,
  redirectUrl,
  config,
}: MailedLink): Pick<MailContents, "link" | "validFor" | "redirectUrl" | "config"> {
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
