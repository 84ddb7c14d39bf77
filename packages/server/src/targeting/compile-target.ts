/**
 * A target is a condition on the table of agents in PostgreSQL's syntax. It is parsed with PostgreSQL's own grammar,
 * admitted node by node, and written anew from what was admitted: nothing that came from outside reaches the database
 * but columns, operators and functions of the list, and quoted constants.
 */
import { Uuid } from '@mig/action';
import { type RawBuilder, sql } from 'kysely';
import { hasSqlDetails, parse } from 'libpg-query';
import {
  columns,
  deepest,
  functions,
  longestRegexp,
  longestTarget,
  operators,
  regexpOperators,
  types,
} from './admitted.ts';
import { TargetError } from './target-error.ts';

/** A node of the parse tree: one key, its kind, and its fields. */
type Node = Readonly<Record<string, Fields>>;
type Fields = Readonly<Record<string, never>> & { readonly location?: number };

const prefix = 'SELECT FROM agents WHERE (';

/** Gives the condition that `target` means, over the table `agents`. Throws TargetError. */
export async function compileTarget(target: string): Promise<RawBuilder<boolean>> {
  if (target.length > longestTarget) {
    throw new TargetError(`a target has at most ${longestTarget} characters, this one has ${target.length}`);
  }
  const where = await parseCondition(target);
  return sql.raw<boolean>(new Writer(target).write(where, 0));
}

/** Whether `target` is one word, such as the name of a machine. */
function isName(target: string): boolean {
  return /^\s*[\w.-]+\s*$/.test(target);
}

function noMacro(target: string): string {
  const word = target.trim();
  return `'${word}' is neither a macro (mig macros lists them) nor a condition such as name = '${word}' or name LIKE '%web%'`;
}

async function parseCondition(target: string): Promise<Node> {
  const text = `${prefix}${target}\n)`;
  const tree = await parse(text).catch((error: unknown) => {
    const at = hasSqlDetails(error) ? error.sqlDetails!.cursorPosition - prefix.length : undefined;
    const position = at === undefined ? undefined : Math.max(0, Math.min(at, target.length));
    // The parser then complains about what we put after it.
    const reason = position === target.length ? 'it ends too early' : (error as Error).message;
    if (isName(target)) throw new TargetError(noMacro(target));
    throw new TargetError(`the target is no condition: ${reason}`, position);
  });
  const statements = (tree.stmts ?? []) as unknown as readonly { stmt?: Node }[];
  if (statements.length !== 1) {
    throw new TargetError(`a target is one condition, this holds ${statements.length} statements`);
  }
  const select = statements[0]!.stmt?.['SelectStmt'] as Readonly<Record<string, unknown>> | undefined;
  const known = ['fromClause', 'whereClause', 'limitOption', 'op'];
  const extra = Object.keys(select ?? {}).find((key) => !known.includes(key));
  if (select === undefined || extra !== undefined || select['op'] !== 'SETOP_NONE') {
    throw new TargetError(`a target is one condition, without ${extra ?? 'further statements'}`);
  }
  return select['whereClause'] as Node;
}

class Writer {
  readonly #target: string;

  constructor(target: string) {
    this.#target = target;
  }

  write(node: Node, depth: number): string {
    const [kind, fields] = Object.entries(node)[0]!;
    if (depth > deepest) throw this.#refuse(fields, `it nests deeper than ${deepest}`);
    const writer = this.#writers[kind];
    if (writer === undefined) throw this.#refuse(fields, `${describe(kind)} cannot stand in a target`);
    return writer(fields as never, depth + 1);
  }

  readonly #writers: Readonly<Record<string, (fields: never, depth: number) => string>> = {
    BoolExpr: ({ boolop, args }: { boolop: string; args: readonly Node[] }, depth) => {
      const parts = args.map((arg) => this.write(arg, depth));
      if (boolop === 'NOT_EXPR') return `(NOT ${parts[0]})`;
      return `(${parts.join(boolop === 'AND_EXPR' ? ' AND ' : ' OR ')})`;
    },
    A_Expr: (fields: Expression, depth) => this.#writeExpression(fields, depth),
    A_Const: (fields: Constant) => this.#writeConstant(fields),
    ColumnRef: (fields: { fields: readonly Node[]; location?: number }) => {
      const path = fields.fields.map((field) => (field['String'] as { sval?: string } | undefined)?.sval ?? '*');
      const name = path.length === 2 && path[0] === 'agents' ? path[1]! : path.join('.');
      if (!columns.has(name)) throw this.#refuse(fields, this.#unknownColumn(name, fields.location));
      return `agents.${name}`;
    },
    NullTest: ({ arg, nulltesttype }: { arg: Node; nulltesttype: string }, depth) =>
      `(${this.write(arg, depth)} IS ${nulltesttype === 'IS_NULL' ? '' : 'NOT '}NULL)`,
    BooleanTest: ({ arg, booltesttype }: { arg: Node; booltesttype: string }, depth) =>
      `(${this.write(arg, depth)} ${booltesttype.replaceAll('_', ' ')})`,
    TypeCast: (fields: { arg: Node; typeName: TypeName; location?: number }, depth) =>
      `CAST(${this.write(fields.arg, depth)} AS ${this.#writeType(fields.typeName)})`,
    CoalesceExpr: ({ args }: { args: readonly Node[] }, depth) =>
      `coalesce(${args.map((arg) => this.write(arg, depth)).join(', ')})`,
    A_ArrayExpr: ({ elements = [] }: { elements?: readonly Node[] }, depth) =>
      `ARRAY[${elements.map((element) => this.write(element, depth)).join(', ')}]`,
    List: ({ items }: { items: readonly Node[] }, depth) => items.map((item) => this.write(item, depth)).join(', '),
    SQLValueFunction: (fields: { op: string; location?: number }) => {
      if (fields.op === 'SVFOP_CURRENT_TIMESTAMP') return 'now()';
      if (fields.op === 'SVFOP_CURRENT_DATE') return 'CURRENT_DATE';
      throw this.#refuse(fields, 'this value is not one for a target; expected CURRENT_TIMESTAMP or CURRENT_DATE');
    },
    FuncCall: (fields: Call, depth) => this.#writeCall(fields, depth),
  };

  #unknownColumn(name: string, location: number | undefined): string {
    if (isName(this.#target)) return noMacro(this.#target);
    const isValue = location !== undefined && /(?:[=<>~,]|like)\s*$/i.test(this.#before(location));
    const hint = isValue
      ? `; a text stands in single quotes, '${name}'`
      : `; environment->>'${name}' is what agents say of themselves, tags->>'${name}' what the platform says of them`;
    return `expected one of ${[...columns].join(', ')}, got '${name}'${hint}`;
  }

  #writeExpression({ kind, name, lexpr, rexpr, location }: Expression, depth: number): string {
    const operator = name.map((part) => (part['String'] as { sval?: string } | undefined)?.sval).join('.');
    const at = { location } as Fields;
    const left = () => this.write(lexpr!, depth);
    const right = () => this.write(rexpr, depth);
    switch (kind) {
      case 'AEXPR_OP':
      case 'AEXPR_LIKE':
      case 'AEXPR_ILIKE':
        if (!operators.has(operator)) throw this.#refuse(at, `the operator ${operator} cannot stand in a target`);
        if (regexpOperators.has(operator)) this.#requireHarmless(rexpr);
        return lexpr === undefined ? `(${operator} ${right()})` : `(${left()} ${operator} ${right()})`;
      case 'AEXPR_IN':
        return `(${left()} ${operator === '=' ? 'IN' : 'NOT IN'} (${right()}))`;
      case 'AEXPR_BETWEEN':
      case 'AEXPR_NOT_BETWEEN': {
        const [low, high] = (rexpr['List'] as unknown as { items: readonly Node[] }).items;
        const not = kind === 'AEXPR_NOT_BETWEEN' ? 'NOT ' : '';
        return `(${left()} ${not}BETWEEN ${this.write(low!, depth)} AND ${this.write(high!, depth)})`;
      }
      case 'AEXPR_OP_ANY':
      case 'AEXPR_OP_ALL':
        if (!operators.has(operator)) throw this.#refuse(at, `the operator ${operator} cannot stand in a target`);
        if (regexpOperators.has(operator)) throw this.#refuse(at, 'a regular expression is one constant text');
        return `(${left()} ${operator} ${kind === 'AEXPR_OP_ANY' ? 'ANY' : 'ALL'} (${right()}))`;
      case 'AEXPR_DISTINCT':
      case 'AEXPR_NOT_DISTINCT':
        return `(${left()} IS ${kind === 'AEXPR_DISTINCT' ? '' : 'NOT '}DISTINCT FROM ${right()})`;
      default:
        throw this.#refuse(at, `${describe(kind)} cannot stand in a target`);
    }
  }

  /** PostgreSQL's regular expressions can take long: back references and great length are kept out. */
  #requireHarmless(pattern: Node): void {
    const text = (pattern['A_Const'] as Constant | undefined)?.sval?.sval;
    const at = Object.values(pattern)[0]!;
    if (text === undefined) throw this.#refuse(at, 'expected a regular expression that is one constant text');
    if (text.length > longestRegexp || /\\[1-9]/.test(text)) {
      throw this.#refuse(
        at,
        `expected a regular expression of at most ${longestRegexp} characters, without \\1 to \\9`,
      );
    }
  }

  #writeConstant(fields: Constant): string {
    const { isnull, sval, ival, fval, boolval } = fields;
    if (isnull === true) return 'NULL';
    if (sval !== undefined) return quote(sval.sval ?? '');
    if (ival !== undefined) return String(Number(ival.ival ?? 0));
    if (fval !== undefined && /^[0-9.eE+-]+$/.test(fval.fval)) return fval.fval;
    if (boolval !== undefined) return boolval.boolval === true ? 'true' : 'false';
    throw this.#refuse(fields, 'this kind of constant cannot stand in a target');
  }

  #writeType({ names, typmods, arrayBounds, setof, location }: TypeName): string {
    const name = names.map((part) => part.String.sval).at(-1)!;
    const isPlain = names.length === 1 || names[0]!.String.sval === 'pg_catalog';
    if (!isPlain || setof === true || !types.has(name)) {
      throw this.#refuse({ location } as Fields, `expected a type of ${[...types].join(', ')}, got '${name}'`);
    }
    return `${name}${this.#writeModifiers(name, typmods, location)}${arrayBounds === undefined ? '' : '[]'}`;
  }

  /** The length of a text, the digits of a number: `varchar(3)`, `numeric(5, 2)`. */
  #writeModifiers(name: string, modifiers: readonly Node[] = [], location: number | undefined): string {
    if (modifiers.length === 0) return '';
    const numbers = modifiers.map((modifier) => (modifier['A_Const'] as Constant | undefined)?.ival);
    if (name === 'interval' || numbers.includes(undefined)) {
      throw this.#refuse({ location } as Fields, `the type ${name} is taken without fields`);
    }
    return `(${numbers.map((number) => number!.ival ?? 0).join(', ')})`;
  }

  #writeCall(call: Call, depth: number): string {
    const path = call.funcname.map((part) => part.String.sval);
    const name = path.at(-1)!;
    const isPlain = path.length === 1 || path[0] === 'pg_catalog';
    const extra = Object.keys(call).find((key) => !['funcname', 'args', 'funcformat', 'location'].includes(key));
    if (!isPlain || extra !== undefined)
      throw this.#refuse(call, `expected a plain call of a function, got '${path.join('.')}'`);
    if (name === 'found' || name === 'notfound') return this.#writeFound(call, name);
    if (!functions.has(name)) throw this.#refuse(call, `the function ${name} cannot stand in a target`);
    // The forms of SQL with words in them (extract, position, substring) are calls of these to the parser, and only here.
    return `pg_catalog.${name}(${(call.args ?? []).map((arg) => this.write(arg, depth)).join(', ')})`;
  }

  /** `found(ID)`: agents that found something in that action; `notfound(ID)`: those that answered and found nothing. */
  #writeFound(call: Call, name: 'found' | 'notfound'): string {
    const [argument, ...more] = call.args ?? [];
    const id = Uuid.safeParse((argument?.['A_Const'] as Constant | undefined)?.sval?.sval);
    if (!id.success || more.length > 0) throw this.#refuse(call, `expected ${name}('ID') with the id of an action`);
    const answered = name === 'found' ? 'found' : 'NOT found AND results IS NOT NULL';
    return `EXISTS (SELECT FROM commands WHERE commands.actionid = ${quote(id.data)} AND commands.agentid = agents.id AND ${answered})`;
  }

  #refuse(fields: { readonly location?: number }, message: string): TargetError {
    const { location } = fields;
    if (location === undefined || location < 0) return new TargetError(message);
    return new TargetError(message, this.#before(location).length);
  }

  /** The part of the target that is before `location`, which the parser counts in bytes. */
  #before(location: number): string {
    return Buffer.from(prefix + this.#target)
      .subarray(0, location)
      .toString()
      .slice(prefix.length);
  }
}

interface Constant {
  readonly isnull?: boolean;
  readonly sval?: { readonly sval?: string };
  readonly ival?: { readonly ival?: number };
  readonly fval?: { readonly fval: string };
  readonly boolval?: { readonly boolval?: boolean };
  readonly location?: number;
}
interface Expression {
  readonly kind: string;
  readonly name: readonly Node[];
  readonly lexpr?: Node;
  readonly rexpr: Node;
  readonly location?: number;
}
interface Named {
  readonly String: { readonly sval: string };
}
interface Call {
  readonly funcname: readonly Named[];
  readonly args?: readonly Node[];
  readonly location?: number;
}
interface TypeName {
  readonly names: readonly Named[];
  readonly typmods?: readonly Node[];
  readonly arrayBounds?: readonly Node[];
  readonly setof?: boolean;
  readonly location?: number;
}

/** Texts as SQL writes them; with standard_conforming_strings, a backslash is a character like any other. */
function quote(text: string): string {
  if (text.includes('\0')) throw new TargetError('a text of a target holds a NUL');
  return `'${text.replaceAll("'", "''")}'`;
}

const kinds: Readonly<Record<string, string>> = {
  SubLink: 'a sub-select',
  CaseExpr: 'CASE',
  ParamRef: 'a parameter',
  RowExpr: 'a row',
  AEXPR_SIMILAR: 'SIMILAR TO',
  A_Indirection: 'a subscript',
  CollateClause: 'COLLATE',
};

function describe(kind: string): string {
  return kinds[kind] ?? `'${kind}'`;
}
