import type { Model } from "../../accounts/models.js";

/** Whether a model has providers at all. Which ones, the routes find out themselves. */
export function isOffered({ omniauthable }: Model): boolean {
  return omniauthable !== false;
}
