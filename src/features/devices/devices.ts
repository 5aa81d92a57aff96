import type { Feature } from "../feature.js";
import { deviceRoutes } from "./routes.js";

/** The list of an account's signed-in devices, and ending them. */
export const devices: Feature = { name: "devices", routes: deviceRoutes };
