import { booleanForm, confirmationForm } from "./boolean-forms.js";
import {
  type ColumnFacts,
  type ColumnForm,
  form,
  momentForm,
  type Unusable,
  type WantedColumn,
} from "./column-form.js";
import { numberForm } from "./number-form.js";
import { stringForm, textForm } from "./text-forms.js";

/** How a column holds what it has to hold, or what to change about it. */
export function formOf(facts: ColumnFacts, wanted: WantedColumn): ColumnForm | Unusable {
  switch (wanted.kind) {
    case "id":
      return form(facts, "fine", { read: undefined });
    case "text":
    case "hash":
      return textForm(facts, wanted);
    case "address":
      return facts.type.is === "address" ? form(facts, "fine") : textForm(facts, wanted);
    case "string":
      return stringForm(facts, wanted);
    case "moment":
      return momentForm(facts, wanted);
    case "confirmation":
      return confirmationForm(facts, wanted);
    case "boolean":
      return booleanForm(facts, wanted);
    default:
      return numberForm(facts, wanted);
  }
}
