import { type ReactElement, useState } from "react";
import { canTry, nameOfReady, signInAsReady } from "./ada.js";
import { Form, type FormField } from "./form.js";
import { labelOf, messagesOf } from "./messages.js";
import { type Page, showActors, usePage, type View } from "./page.js";
import { Providers } from "./providers.js";
import { useStore } from "./store.js";

const titles = {
  register: "Register",
  "sign-in": "Sign in",
  forgot: "Forgot the password",
  reset: "Set a new password",
};

/** What somebody sees who is not signed in: a ready account, a provider, or a form. */
export function SignedOut(): ReactElement {
  const page = usePage();
  const { model } = useStore(page.seat);
  const view = useStore(page.view);
  const others = (["register", "sign-in", "forgot"] as const).filter(
    (name) =>
      name !== view &&
      (name !== "register" || model.registration) &&
      (name !== "forgot" || view !== "closed"),
  );
  return (
    <section id="account" className={view === "closed" ? "entrance" : "entrance panel"} aria-label="Account">
      {view === "closed" ? canTry(page, model) && <TryButton /> : <OpenForm view={view} />}
      {view !== "reset" && <Providers />}
      <p className="switches">
        {others.map((name) => (
          <button key={name} type="button" className="link" onClick={() => openView(page, name)}>
            {titles[name]}
          </button>
        ))}
        {view !== "closed" && canTry(page, model) && (
          <button type="button" className="link" onClick={() => openView(page, "closed")}>
            Try without a form
          </button>
        )}
      </p>
    </section>
  );
}

/** Opens a form. What plays stops, so that the form's own requests are seen. */
function openView(page: Page, view: View): void {
  page.notice.set(undefined);
  if (view !== "closed") {
    showActors(page, [page.seat.get()]);
    page.caption.set("");
  }
  page.view.set(view);
}

function TryButton(): ReactElement {
  const page = usePage();
  const seat = useStore(page.seat);
  const [isWorking, setWorking] = useState(false);
  const first = nameOfReady(page, seat.model).split(" ")[0];
  const enter = async (): Promise<void> => {
    setWorking(true);
    showActors(page, [seat]);
    page.caption.set(`Signing in as ${first} …`);
    try {
      await signInAsReady(page);
    } catch (error) {
      page.notice.set({ kind: "bad", text: messagesOf(error).join(" ") });
    } finally {
      setWorking(false);
    }
  };
  return (
    <div className="try">
      <button type="button" className="primary big" disabled={isWorking} onClick={enter}>
        Try as {first}
      </button>
      <p className="hint">A ready account. No form to fill in.</p>
    </div>
  );
}

function OpenForm({ view }: { readonly view: Exclude<View, "closed"> }): ReactElement {
  const page = usePage();
  const { model } = useStore(page.seat);
  const forms = { register: RegisterForm, "sign-in": SignInForm, forgot: ForgotForm, reset: ResetForm };
  const Shown = forms[view];
  return (
    <>
      <h2>{view === "reset" ? titles.reset : `${titles[view]} as ${model.name}`}</h2>
      {view === "register" && (
        <p className="hint">
          {model.confirmable
            ? "A mail with a confirmation link follows. It appears on this page."
            : "An account of this kind needs no confirmation: registering signs in at once."}
        </p>
      )}
      <Shown key={`${view} ${model.name}`} />
    </>
  );
}

function emailField(page: Page): FormField {
  return {
    name: "email",
    label: "E-mail",
    type: "email",
    autoComplete: "username",
    value: page.email.get(),
    required: true,
  };
}

function SignInForm(): ReactElement {
  const page = usePage();
  const { client } = useStore(page.seat);
  const password = {
    name: "password",
    label: "Password",
    type: "password",
    autoComplete: "current-password",
  };
  const sendAgain = async (): Promise<void> => {
    const email = page.email.get();
    await client.resendConfirmation({ email });
    page.notice.set({ kind: "good", text: `A mail was sent to ${email}.` });
    page.mailsTo.set(email);
  };
  return (
    <Form
      fields={[emailField(page), { ...password, required: true }]}
      submit="Sign in"
      focusFirst
      work={async ({ email = "", password = "" }) => {
        page.email.set(email);
        await client.signIn({ email, password }).catch((error: unknown) => {
          if ((error as { readonly code?: unknown }).code === "unconfirmed") page.mailsTo.set(email);
          throw error;
        });
      }}
      remedy={(code) =>
        code === "unconfirmed" && (
          <button type="button" className="secondary small" onClick={sendAgain}>
            Send the link again
          </button>
        )
      }
    />
  );
}

function RegisterForm(): ReactElement {
  const page = usePage();
  const { client, model } = useStore(page.seat);
  const asked = model.fields.filter((field) => field.onSignUp && (field.required || field.name === "name"));
  return (
    <Form
      fields={[
        ...asked.map(({ name, required }) => ({ name, label: labelOf(name), autoComplete: name, required })),
        emailField(page),
        {
          name: "password",
          label: "Password",
          type: "password",
          autoComplete: "new-password",
          required: true,
          hint: `At least ${page.description.passwordMinLength} characters`,
        },
      ]}
      submit="Register"
      focusFirst
      work={async ({ email = "", password = "", ...fields }) => {
        page.email.set(email);
        const { signedIn } = await client.register({ ...fields, email, password });
        if (signedIn) return;
        page.view.set("sign-in");
        page.notice.set({
          kind: "good",
          text: `A mail with a confirmation link was sent to ${email}.${page.description.inbox ? " Here it is:" : ""}`,
        });
        page.mailsTo.set(email);
      }}
    />
  );
}

function ForgotForm(): ReactElement {
  const page = usePage();
  const { client } = useStore(page.seat);
  return (
    <Form
      fields={[emailField(page)]}
      submit="Send me a link"
      work={async ({ email = "" }) => {
        page.email.set(email);
        await client.requestPasswordReset({ email });
        page.notice.set({ kind: "good", text: `A mail with a link was sent to ${email}.` });
        page.mailsTo.set(email);
      }}
    />
  );
}

function ResetForm(): ReactElement {
  const page = usePage();
  const { client } = useStore(page.seat);
  const field = { type: "password", autoComplete: "new-password", required: true };
  const hint = `At least ${page.description.passwordMinLength} characters`;
  return (
    <Form
      fields={[
        { ...field, name: "password", label: "New password", hint },
        { ...field, name: "password_confirmation", label: "Once more" },
      ]}
      username={page.email.get()}
      submit="Set the password"
      focusFirst
      work={async ({ password = "", password_confirmation = "" }) => {
        await client.resetPassword({ password, password_confirmation });
        page.notice.set({ kind: "good", text: "The password is set, and you are signed in." });
      }}
    />
  );
}
