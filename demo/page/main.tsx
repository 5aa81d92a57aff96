import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App } from "./app.js";
import { createPage } from "./page.js";
import { describeServer } from "./server.js";
import "./style/base.css";
import "./style/layout.css";
import "./style/keys.css";
import "./style/diagram.css";
import "./style/forms.css";
import "./style/panels.css";

const place = document.getElementById("root");
if (place) {
  const page = createPage(await describeServer());
  createRoot(place).render(
    <StrictMode>
      <App page={page} />
    </StrictMode>,
  );
}
