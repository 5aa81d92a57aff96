import {
  type ColumnFacts,
  type ColumnForm,
  changeTo,
  form,
  type Unusable,
  type WantedColumn,
} from "./column-form.js";
import { readNumber } from "./column-values.js";
import { wrongValue } from "./text-forms.js";

/** How a column holds numbers. Refuses those that it would round. */
export function numberForm(facts: ColumnFacts, wanted: WantedColumn): ColumnForm | Unusable {
  const { type, seen } = facts;
  const { kind, name } = wanted;
  const refusing = (isRight: (value: number) => boolean) => (value: unknown) => {
    if (typeof value !== "number" || !isRight(value)) throw wrongValue(name);
    return value;
  };
  const scale = seen?.scale ?? null;
  switch (type.is) {
    case "integer":
      return form(facts, "fine", {
        read: readNumber,
        write: refusing(
          (value) => Number.isInteger(value) && BigInt(value) >= type.least && BigInt(value) <= type.most,
        ),
      });
    case "decimal":
      if (kind !== "number" && scale !== 0) return changeTo(facts, wanted);
      return form(facts, "read as a number", {
        read: readNumber,
        write: refusing((value) => scale === null || decimalsOf(value) <= scale),
      });
    case "float":
      if (kind !== "number") return changeTo(facts, wanted);
      return form(facts, type.digits === undefined ? "fine" : `read as a number of ${type.digits} digits`, {
        read: readNumber,
        write: refusing(
          (value) => type.digits === undefined || Number(value.toPrecision(type.digits)) === value,
        ),
      });
    case "any":
      return form(facts, "read as a number", { read: readNumber });
    default:
      return changeTo(facts, wanted);
  }
}

function decimalsOf(value: number): number {
  const [digits = "", exponent = "0"] = String(value).split("e");
  return Math.max(0, (digits.split(".")[1] ?? "").length - Number(exponent));
}
