import { useAuth } from "keyturn/react";
import { type ReactElement, type ReactNode, useRef } from "react";
import { Form } from "./form.js";
import { labelOf, messagesOf } from "./messages.js";
import { type Page, usePage } from "./page.js";
import type { Field } from "./server.js";
import { useStore } from "./store.js";

/** Types of field that have an input of their own; others are left to the program. */
const inputTypes: Readonly<Record<string, string>> = { string: "text", number: "number", integer: "number" };

type Values = Readonly<Record<string, unknown>>;

/** The best name that an account has. */
function nameOf(account: object | null): string {
  const { name, nickname, email, uid }: Values = { ...account };
  const names = [name, nickname, email, uid];
  return String(names.find((one) => typeof one === "string" && one !== "") ?? "");
}

/** Who is signed in, and the way out. */
export function AccountBar(): ReactElement {
  const page = usePage();
  const { client, model } = useStore(page.seat);
  const { account } = useAuth({ client });
  const signOut = async (): Promise<void> => {
    const { revoked } = await client.signOut();
    page.notice.set({
      kind: "good",
      text: revoked
        ? "Signed out. The token is worth nothing any more."
        : "Signed out here. The server could not be told.",
    });
  };
  const name = nameOf(account);
  return (
    <section id="account" className="account-bar" aria-label="Signed in">
      <p>
        <b>{name}</b>
        <span className="hint">
          {model.name}
          {name !== account?.email && ` · ${account?.email}`}
        </span>
      </p>
      <button type="button" className="secondary small" onClick={signOut}>
        Sign out
      </button>
    </section>
  );
}

/** What can be changed of the account. */
export function AccountPanel(): ReactElement {
  const page = usePage();
  const { client, model } = useStore(page.seat);
  const { account } = useAuth({ client });
  const fields = model.fields.filter(({ onAccountUpdate, type }) => onAccountUpdate && inputTypes[type]);
  return (
    <section className="panel" aria-labelledby="account-title">
      <h2 id="account-title">Account</h2>
      {fields.length > 0 && (
        <Fold title="Change details">
          <DetailsForm key={JSON.stringify(account)} fields={fields} />
        </Fold>
      )}
      <Fold title="Change password">
        <PasswordForm />
      </Fold>
      <Fold title="Change e-mail">
        <EmailForm />
      </Fold>
      <Fold title="Delete account">
        <Deletion />
      </Fold>
    </section>
  );
}

function Fold({ title, children }: { readonly title: string; readonly children: ReactNode }): ReactElement {
  return (
    <details className="fold">
      <summary>{title}</summary>
      {children}
    </details>
  );
}

const done = (page: Page, text: string): void => page.notice.set({ kind: "good", text });

function DetailsForm({ fields }: { readonly fields: readonly Field[] }): ReactElement {
  const page = usePage();
  const { client } = useStore(page.seat);
  const account: Values = { ...client.state.account };
  const numeric = new Set(fields.filter(({ type }) => type !== "string").map(({ name }) => name));
  return (
    <Form
      fields={fields.map(({ name, type }) => ({
        name,
        label: labelOf(name),
        type: inputTypes[type] ?? "text",
        value: String(account[name] ?? ""),
      }))}
      submit="Save"
      work={async (values) => {
        // An emptied number is no number, not an empty text.
        const entries = Object.entries(values).map(([name, value]) => [
          name,
          numeric.has(name) && value === "" ? null : value,
        ]);
        await client.updateAccount(Object.fromEntries(entries));
        done(page, "Your details were saved.");
      }}
    />
  );
}

const currentPassword = {
  name: "current_password",
  label: "Current password",
  type: "password",
  autoComplete: "current-password",
  required: true,
};

function PasswordForm(): ReactElement {
  const page = usePage();
  const { client } = useStore(page.seat);
  const field = { type: "password", autoComplete: "new-password", required: true };
  return (
    <Form
      fields={[
        currentPassword,
        { ...field, name: "password", label: "New password" },
        { ...field, name: "password_confirmation", label: "Once more" },
      ]}
      username={String(client.state.account?.email ?? "")}
      submit="Change the password"
      work={async ({ current_password = "", password = "", password_confirmation = "" }) => {
        await client.changePassword({ current_password, password, password_confirmation });
        done(page, "The password was changed. Other devices were signed out.");
      }}
    />
  );
}

function EmailForm(): ReactElement {
  const page = usePage();
  const { client, model } = useStore(page.seat);
  return (
    <Form
      fields={[
        { name: "email", label: "New e-mail", type: "email", autoComplete: "email", required: true },
        currentPassword,
      ]}
      username={String(client.state.account?.email ?? "")}
      submit="Change the e-mail"
      work={async ({ email = "", current_password = "" }) => {
        await client.updateAccount({ email, current_password });
        if (!model.confirmable) return done(page, "The e-mail was changed.");
        done(
          page,
          "A confirmation link went to the new address. The change takes effect when it is visited.",
        );
        page.mailsTo.set(email);
      }}
    />
  );
}

function Deletion(): ReactElement {
  const page = usePage();
  const { client } = useStore(page.seat);
  const dialog = useRef<HTMLDialogElement>(null);
  const remove = async (): Promise<void> => {
    dialog.current?.close();
    try {
      await client.deleteAccount();
      done(page, "The account was deleted, with all its sessions.");
    } catch (error) {
      page.notice.set({ kind: "bad", text: messagesOf(error).join(" ") });
    }
  };
  return (
    <div>
      <button type="button" className="danger" onClick={() => dialog.current?.showModal()}>
        Delete the account…
      </button>
      <dialog ref={dialog} aria-labelledby="deletion">
        <h2 id="deletion">Delete this account?</h2>
        <p>The account and all its sessions are deleted at once. This cannot be undone.</p>
        <div className="dialog-buttons">
          <button type="button" className="secondary" onClick={() => dialog.current?.close()}>
            Cancel
          </button>
          <button type="button" className="danger" onClick={remove}>
            Delete the account
          </button>
        </div>
      </dialog>
    </div>
  );
}
