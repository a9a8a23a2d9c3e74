// Reads a JSON list of [expression, variables] and writes what each yields: {"value": …} or {"error": …}.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const jsonata = createRequire(process.argv[2] + "/")("jsonata");

const evaluated = async ([expression, variables]) => {
  const query = jsonata(expression);
  // What Step Functions adds, as far as it is used here.
  query.registerFunction("parse", (text) => JSON.parse(text), "<s:x>");
  try {
    const value = await query.evaluate(undefined, variables);
    return value === undefined ? { error: "undefined" } : { value };
  } catch (error) {
    return { error: String(error.message ?? error) };
  }
};

const questions = JSON.parse(readFileSync(0, "utf-8"));
console.log(JSON.stringify(await Promise.all(questions.map(evaluated))));
