//! `sched schema`: a JSON Schema of schedule files, for editors.

use sched_dialects::{Default, LIBRARIES, Library};
use serde_json::{Map, Value, json};

use crate::output::print;

/// Print a JSON Schema of schedule files, with which editors complete and check them.
///
/// It knows sched's own form and other libraries' schedulers, not the configurations of trainers. A file may name it, as
/// `"$schema": "sched.schema.json"` in JSON and TOML, or in a first line `# yaml-language-server: $schema=sched.schema.json` in YAML.
#[derive(clap::Args)]
#[command(after_help = "Examples:\n  sched schema\n  sched schema > sched.schema.json")]
pub(crate) struct Args {}

pub(crate) fn run(_: &Args) -> anyhow::Result<()> {
    print(&serde_json::to_string_pretty(&schema())?)
}

/// What may stand in a field.
#[derive(Clone, Copy)]
enum Is {
    Rate,
    Number,
    Count,
    /// A number of steps, or a text such as `5 epochs`.
    Duration,
    Flag,
    Node,
    Nodes,
    Words(&'static [&'static str]),
    /// A definition by its name.
    Of(&'static str),
    ListOf(&'static str),
}

use Is::{Count, Duration, Flag, ListOf, Node, Nodes, Number, Of, Rate, Words};

impl Is {
    fn schema(self) -> Value {
        match self {
            Rate => json!({"type": "number", "minimum": 0}),
            Number => json!({"type": "number"}),
            Count => json!({"type": "integer", "minimum": 0}),
            Duration => reference("duration"),
            Flag => json!({"type": "boolean"}),
            Node => reference("node"),
            Nodes => json!({"type": "array", "minItems": 1, "items": reference("node")}),
            Words(words) => json!({"enum": words}),
            Of(name) => reference(name),
            ListOf(name) => json!({"type": "array", "minItems": 1, "items": reference(name)}),
        }
    }
}

/// A map: its name, what it is, its fields, and how many of these, the first, must be given.
type Fields = (&'static str, &'static str, &'static [(&'static str, Is)], usize);

/// The nodes of a schedule that are maps.
const NODES: &[Fields] = &[
    (
        "ramp",
        "From one rate to another over a number of steps.",
        &[
            ("from", Rate),
            ("to", Rate),
            ("steps", Duration),
            ("shape", Of("shape")),
            ("beyond", Words(&["hold", "mirror", "repeat"])),
        ],
        3,
    ),
    (
        "exponential",
        "initial * gamma^(t / decay_steps), without end.",
        &[("initial", Rate), ("gamma", Rate), ("decay_steps", Duration)],
        3,
    ),
    (
        "power_law",
        "scale * ((t + offset) / time_scale)^power, without end.",
        &[("scale", Rate), ("offset", Duration), ("time_scale", Duration), ("power", Number)],
        4,
    ),
    ("steps", "A rate that jumps at milestones.", &[("initial", Rate), ("milestones", ListOf("milestone"))], 2),
    (
        "repeat",
        "One schedule again and again.",
        &[
            ("of", Node),
            ("period", Duration),
            ("growth", Number),
            ("cycle_scale", Rate),
            ("floor", Rate),
            ("limit", Of("limit")),
        ],
        2,
    ),
    ("clamp", "Not below `min` and not above `max`.", &[("min", Rate), ("max", Rate), ("of", Node)], 3),
    ("complement", "whole - of(t), but not below 0.", &[("whole", Rate), ("of", Node)], 2),
    ("every", "of(floor(t / n)): a staircase, for a schedule that counts epochs.", &[("n", Duration), ("of", Node)], 2),
    ("stretch", "of(t / k): k times as slow, without stairs.", &[("k", Duration), ("of", Node)], 2),
    ("delay", "The first value for `steps` steps, then the schedule.", &[("steps", Duration), ("of", Node)], 2),
    ("advance", "of(t + by): a head start.", &[("by", Duration), ("of", Node)], 2),
    (
        "warp",
        "of(steps * (t / steps)^power) up to `steps`: k-decay.",
        &[("steps", Duration), ("power", Number), ("of", Node)],
        3,
    ),
];

/// The nodes of a schedule that are not.
const OTHER_NODES: &[(&str, &str, Is)] = &[
    ("constant", "One rate.", Rate),
    ("sequence", "One schedule after another.", ListOf("phase")),
    ("product", "The product of all.", Nodes),
    ("sum", "The sum of all.", Nodes),
    ("average", "The mean of all.", Nodes),
    ("min", "The smallest of all.", Nodes),
    ("max", "The largest of all.", Nodes),
];

const SHAPES: &[&str] = &["linear", "cosine", "geometric", "one_minus_sqrt", "one_minus_square", "exp_half", "rex"];
const SHAPES_WITH_NUMBER: &[&str] =
    &["cosine_power", "polynomial", "one_minus_power", "exp_ratio", "logarithmic", "rex_alpha"];

const MODES: Is = Words(&["min", "max"]);
const THRESHOLD_MODES: Is =
    Words(&["relative", "absolute", "relative_signed", "absolute_from_metric", "relative_signed_sum"]);

/// What else is a map.
const MAPS: &[Fields] = &[
    ("milestone", "A rate and the step from which it holds.", &[("step", Duration), ("value", Rate)], 2),
    (
        "phase",
        "A part of a sequence, with the step at which it starts, or how long it lasts.",
        &[("schedule", Node), ("start", Duration), ("for", Duration)],
        1,
    ),
    ("tanh", "From nearly 1 to nearly 0.", &[("lb", Number), ("ub", Number)], 2),
    (
        "plan",
        "What is known of the run, to convert units to steps.",
        &[
            ("steps_per_epoch", Count),
            ("total_steps", Count),
            ("epochs", Count),
            ("batch", Count),
            ("accumulation", Count),
            ("devices", Count),
            ("sequence_length", Count),
            ("rounding", Words(&["nearest", "up", "down"])),
        ],
        0,
    ),
    (
        "plateau",
        "Reduces the rate when a metric stops improving.",
        &[
            ("mode", MODES),
            ("factor", Rate),
            ("patience", Count),
            ("threshold", Number),
            ("threshold_mode", THRESHOLD_MODES),
            ("margin", Number),
            ("cooldown", Count),
            ("blind_cooldown", Flag),
            ("accumulation", Count),
            ("min_lr", Rate),
            ("eps", Rate),
            ("non_finite", Words(&["count_as_bad", "ignore", "error", "compare", "compare_first"])),
            ("start_step", Count),
        ],
        0,
    ),
    (
        "greedy",
        "Reduces the rate when a metric stops improving, and raises it while the metric improves.",
        &[
            ("mode", MODES),
            ("factor", Rate),
            ("patience", Count),
            ("threshold", Number),
            ("threshold_mode", THRESHOLD_MODES),
            ("cooldown", Count),
            ("warmup", Count),
            ("min_lr", Rate),
            ("max_lr", Rate),
            ("eps", Rate),
            ("window", Count),
            ("reset_start", Count),
        ],
        0,
    ),
];

fn reference(name: &str) -> Value {
    json!({"$ref": format!("#/definitions/{name}")})
}

/// A map with these fields and no others.
fn map(fields: &Fields) -> Value {
    let (_, description, fields, required) = fields;
    let properties: Map<_, _> = fields.iter().map(|(name, is)| ((*name).to_owned(), is.schema())).collect();
    let required: Vec<_> = fields[..*required].iter().map(|(name, _)| name).collect();
    json!({
        "description": description, "type": "object", "properties": properties, "required": required, "additionalProperties": false,
    })
}

/// The one schedule that stands in a map, by its name.
fn nodes() -> Map<String, Value> {
    let maps = NODES.iter().map(|fields| (fields.0.to_owned(), map(fields)));
    let others = OTHER_NODES.iter().map(|(name, description, is)| {
        let mut schema = is.schema();
        schema["description"] = json!(description);
        ((*name).to_owned(), schema)
    });
    others.chain(maps).collect()
}

/// What may stand in every file but a schedule alone, whose `every` takes `"1 epochs"`.
fn in_a_file_with_an_interval(properties: Value) -> Value {
    let mut properties = in_every_file(properties);
    properties["interval"] = json!({"description": "What the numbers count.", "enum": ["step", "epoch"]});
    properties
}

/// What may stand in every file.
fn in_every_file(properties: Value) -> Value {
    let mut properties = properties;
    properties["plan"] = reference("plan");
    properties["$schema"] = json!({"type": "string"});
    properties
}

fn schema() -> Value {
    let shapes_with_number: Map<_, _> =
        SHAPES_WITH_NUMBER.iter().map(|name| ((*name).to_owned(), Number.schema())).collect();
    let mut shapes = shapes_with_number;
    shapes.insert("tanh".to_owned(), reference("tanh"));
    let group = json!({
        "schedule": reference("node"), "momentum": reference("node"), "weight_decay": reference("node"), "feedback": reference("feedback"),
    });
    // A state, as `convert` writes it, stands in place of the options.
    let rule = |name: &str| json!({"anyOf": [reference(name), {"type": "object", "required": ["rules"]}]});
    let mut definitions = json!({
        "duration": {
            "description": "A number of steps, or a number and its unit: steps, epochs, %, samples or tokens.",
            "anyOf": [{"type": "number", "minimum": 0}, {"type": "string", "pattern": "^ *[0-9.eE+]+ *(steps?|epochs?|%|samples?|tokens?)? *$"}],
        },
        "limit": {"type": ["integer", "null"], "minimum": 1},
        "shape": {
            "description": "How a ramp gets from one rate to the other.",
            "anyOf": [
                {"enum": SHAPES},
                {"type": "object", "minProperties": 1, "maxProperties": 1, "properties": shapes, "additionalProperties": false},
            ],
        },
        "node": {
            "description": "A schedule.",
            "type": "object", "minProperties": 1, "maxProperties": 1, "properties": nodes(), "additionalProperties": false,
        },
        "feedback": {
            "description": "A rule that follows a metric.",
            "type": "object", "minProperties": 1, "maxProperties": 1,
            "properties": {"plateau": rule("plateau"), "greedy": rule("greedy"), "custom": {"type": "object"}}, "additionalProperties": false,
        },
        "group": {
            "description": "What a parameter group follows.",
            "type": "object", "properties": group, "required": ["schedule"], "additionalProperties": false,
        },
    });
    MAPS.iter().for_each(|fields| definitions[fields.0] = map(fields));
    let files = json!([
        {
            "description": "A schedule.",
            "type": "object", "properties": in_every_file(Value::Object(nodes())), "additionalProperties": false,
            "anyOf": nodes().keys().map(|name| json!({"required": [name]})).collect::<Vec<_>>(),
        },
        {
            "description": "A schedule and what goes with it.",
            "type": "object", "properties": in_a_file_with_an_interval(group), "required": ["schedule"], "additionalProperties": false,
        },
        {
            "description": "A schedule for each parameter group.",
            "type": "object",
            "properties": in_a_file_with_an_interval(json!({"groups": {"type": "array", "minItems": 1, "items": reference("group")}})),
            "required": ["groups"], "additionalProperties": false,
        },
        {
            "description": "A scheduler of another library.",
            "type": "object",
            "properties": in_a_file_with_an_interval(json!({
                "library": {"enum": LIBRARIES.iter().map(|library| library.name).collect::<Vec<_>>()},
                "kind": {"type": "string"},
                "params": {"type": "object"},
            })),
            "required": ["library", "kind", "params"], "additionalProperties": false,
            "allOf": LIBRARIES.iter().map(library).collect::<Vec<_>>(),
        },
    ]);
    json!({
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "A schedule file of sched",
        "anyOf": files,
        "definitions": definitions,
    })
}

/// The kinds of a library, and the parameters of each.
fn library(library: &Library) -> Value {
    let kinds: Vec<_> = library.kinds.iter().map(|kind| kind.name).collect();
    let params = library.kinds.iter().map(|kind| {
        let all = kind.params.iter().chain(library.optimizer);
        let properties: Map<_, _> = all
            .map(|param| {
                let default = param.default.value().and_then(|value| serde_json::to_value(value).ok());
                (param.name.to_owned(), default.map_or_else(|| json!({}), |default| json!({"default": default})))
            })
            .collect();
        let required = kind.params.iter().filter(|param| matches!(param.default, Default::Required));
        let required: Vec<_> = required.map(|param| param.name).collect();
        json!({
            "if": {"properties": {"kind": {"const": kind.name}}},
            "then": {"properties": {"params": {"properties": properties, "required": required, "additionalProperties": false}}},
        })
    });
    json!({
        "if": {"properties": {"library": {"const": library.name}}},
        "then": {"properties": {"kind": {"enum": kinds}}, "allOf": params.collect::<Vec<_>>()},
    })
}
