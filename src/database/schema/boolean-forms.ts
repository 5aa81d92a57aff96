import {
  type ColumnFacts,
  type ColumnForm,
  changeTo,
  form,
  momentForm,
  type Unusable,
  type WantedColumn,
} from "./column-form.js";
import { readBoolean, spellingOf } from "./column-values.js";

/** How a column holds true and false, in whatever spelling. */
export function booleanForm(facts: ColumnFacts, wanted: WantedColumn): ColumnForm | Unusable {
  const { ddl, type, seen, samples } = facts;
  const read = readBoolean;
  switch (type.is) {
    case "boolean":
      // An engine without booleans keeps numbers there, and some libraries texts.
      return ddl.own.boolean === "bool"
        ? form(facts, "fine")
        : form(facts, "fine", {
            read,
            write: spelling(
              samples.filter((one) => typeof one === "string"),
              Number,
            ),
          });
    case "integer":
    case "decimal":
      return form(facts, isOwnBoolean(facts) ? "fine" : "read as a boolean: 0 is false", {
        read,
        write: Number,
      });
    case "bit":
      if ((seen?.length ?? 1) !== 1) return changeTo(facts, wanted);
      return form(facts, "read as a boolean: 0 is false", {
        read,
        write: (value) => ddl.bit(value === true),
      });
    case "any":
      return form(facts, "read as a boolean", { read, write: spelling(samples, Number) });
    case "text":
    case "padded": {
      const length = seen?.length ?? null;
      const pair = spellingOf(
        (samples.length > 0 ? samples.map(String) : (seen?.labels ?? [])).map((text) => text.trim()),
      );
      if (!pair && (samples.length > 0 || seen?.labels)) return changeTo(facts, wanted);
      const [yes, no] = pair ?? (length === null || length >= 5 ? ["true", "false"] : ["1", "0"]);
      return form(facts, `read as a boolean: "${yes}" or "${no}"`, {
        read,
        write: (value) => (value ? yes : no),
      });
    }
    default:
      return changeTo(facts, wanted);
  }
}

function isOwnBoolean({ ddl, seen }: ColumnFacts): boolean {
  return seen === undefined || seen.fullType === ddl.wanted.boolean || seen.type === ddl.own.boolean;
}

/** Writes booleans as the texts that are there; `otherwise` where there are none. */
function spelling(
  samples: readonly unknown[],
  otherwise: (value: unknown) => unknown,
): (value: unknown) => unknown {
  const pair = spellingOf(samples.filter((one) => typeof one === "string"));
  return pair ? (value) => pair[value === true ? 0 : 1] : otherwise;
}

/**
 * When an account confirmed its address, or only that it did: reads as the moment or as true, and as null where it did not. A flag
 * refuses null as a rule, which a moment cannot.
 */
export function confirmationForm(facts: ColumnFacts, wanted: WantedColumn): ColumnForm | Unusable {
  const { type, samples, seen } = facts;
  const flag = (): ColumnForm | Unusable => {
    const boolean = booleanForm(facts, wanted);
    if ("change" in boolean) return boolean;
    return {
      ...boolean,
      finding: `read as confirmed or not${boolean.finding.replace(/^(fine|read as a boolean)/, "")}`,
      read: (value) => readBoolean(value) || null,
      write: () => boolean.write(true),
      none: boolean.write(false),
    };
  };
  const isFilled = seen?.isNullable === false;
  const isFlag = samples.length > 0 && samples.every((one) => readBoolean(one) !== null);
  switch (type.is) {
    case "boolean":
    case "bit":
      return flag();
    case "integer":
      return isFilled ||
        type.most < 2n ** 31n - 1n ||
        (isFlag && samples.every((one) => Math.abs(Number(one)) <= 1))
        ? flag()
        : momentForm(facts, wanted);
    case "text":
    case "padded":
      return isFilled || isFlag || seen?.labels || (seen?.length ?? 24) < 24
        ? flag()
        : momentForm(facts, wanted);
    default:
      return momentForm(facts, wanted);
  }
}
