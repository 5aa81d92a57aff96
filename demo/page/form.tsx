import { type ReactElement, type ReactNode, useId, useState } from "react";
import { messagesOf } from "./messages.js";

export interface FormField {
  readonly name: string;
  readonly label: string;
  readonly type?: string;
  readonly autoComplete?: string;
  readonly value?: string;
  readonly required?: boolean;
  readonly hint?: string;
}

export interface FormProps {
  readonly fields: readonly FormField[];
  readonly submit: string;
  readonly work: (values: Readonly<Record<string, string>>) => Promise<unknown>;
  /** Tells password managers whose password is asked for, where no field does. */
  readonly username?: string | undefined;
  /** What helps against an error, by its code. */
  readonly remedy?: ((code: string) => ReactNode) | undefined;
  readonly focusFirst?: boolean;
}

/** A form with labels, one button, and a place for what went wrong. While its work runs the button is off. */
export function Form({ fields, submit, work, username, remedy, focusFirst }: FormProps): ReactElement {
  const id = useId();
  const [error, setError] = useState<unknown>();
  const [isWorking, setWorking] = useState(false);
  const send = async (form: HTMLFormElement): Promise<void> => {
    setWorking(true);
    setError(undefined);
    const values = Object.fromEntries([...new FormData(form)].map(([name, value]) => [name, String(value)]));
    try {
      await work(values);
    } catch (caught) {
      setError(caught);
    } finally {
      setWorking(false);
    }
  };
  const [first] = fields.filter(({ value }) => !value);
  return (
    <form
      className="stacked"
      onSubmit={(event) => {
        event.preventDefault();
        if (!isWorking) void send(event.currentTarget);
      }}
    >
      {username && <input type="text" autoComplete="username" value={username} readOnly hidden />}
      {fields.map((field) => (
        <Field
          key={field.name}
          field={field}
          id={`${id}-${field.name}`}
          isFirst={focusFirst === true && field === first}
        />
      ))}
      <div className="problems" role="alert">
        {error !== undefined && messagesOf(error).map((message) => <p key={message}>{message}</p>)}
        {error !== undefined && remedy?.(String((error as { readonly code?: unknown }).code))}
      </div>
      <button type="submit" className="primary" disabled={isWorking}>
        {submit}
      </button>
    </form>
  );
}

interface FieldProps {
  readonly field: FormField;
  readonly id: string;
  readonly isFirst: boolean;
}

function Field({ field, id, isFirst }: FieldProps): ReactElement {
  const { name, label, type = "text", autoComplete = "off", value, required = false, hint } = field;
  const isCode = type === "email" || type === "password";
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <input
        id={id}
        name={name}
        type={type}
        autoComplete={autoComplete}
        defaultValue={value}
        required={required}
        // The form was asked for by a click: its first empty field is where writing goes on.
        // biome-ignore lint/a11y/noAutofocus: see above
        autoFocus={isFirst}
        aria-describedby={hint ? `${id}-hint` : undefined}
        {...(isCode ? { autoCapitalize: "none", spellCheck: false } : {})}
      />
      {hint && (
        <p className="hint" id={`${id}-hint`}>
          {hint}
        </p>
      )}
    </div>
  );
}
