// The functions of the environment: their overloads as the checker sees them. `T.name(args) result` is a member function.
import { readType, splitTop, type Type } from './types.ts';

export interface Signature {
  readonly id: string;
  readonly member: boolean;
  /** The receiver first, where there is one. */
  readonly params: readonly Type[];
  readonly result: Type;
}

const ORDERED = ['int', 'uint', 'double', 'string', 'bytes', 'bool', 'timestamp', 'duration'];
const NUMBERS = ['int', 'uint', 'double'];
const SUMMABLE = ['int', 'uint', 'double', 'duration'];

const comparisons = ['_<_', '_<=_', '_>_', '_>=_'].flatMap(op => [
  ...ORDERED.map(t => `${op}(${t},${t}) bool`),
  ...NUMBERS.flatMap(a => NUMBERS.filter(b => b !== a).map(b => `${op}(${a},${b}) bool`)),
]);
const arithmetic = ['_+_', '_-_', '_*_', '_/_', '_%_'].flatMap(op =>
  NUMBERS.filter(t => op !== '_%_' || t !== 'double').map(t => `${op}(${t},${t}) ${t}`),
);
const parts = 'getFullYear getMonth getDayOfYear getDayOfMonth getDate getDayOfWeek'.split(' ');
const clock = 'getHours getMinutes getSeconds getMilliseconds'.split(' ');

const CORE = `
_==_(A,A) bool; _!=_(A,A) bool; !_(bool) bool; _&&_(bool,bool) bool; _||_(bool,bool) bool; _?_:_(bool,A,A) A
@not_strictly_false(bool) bool; -_(int) int; -_(double) double
_+_(string,string) string; _+_(bytes,bytes) bytes; _+_(list<A>,list<A>) list<A>
_+_(timestamp,duration) timestamp; _+_(duration,timestamp) timestamp; _+_(duration,duration) duration
_-_(timestamp,timestamp) duration; _-_(timestamp,duration) timestamp; _-_(duration,duration) duration
@in(A,list<A>) bool; @in(A,map<A,B>) bool
_[_](list<A>,int) A; _[_](map<A,B>,A) B; _[_](opt<list<A>>,int) opt<A>; _[_](opt<map<A,B>>,A) opt<B>
_[?_](list<A>,int) opt<A>; _[?_](map<A,B>,A) opt<B>; _[?_](opt<list<A>>,int) opt<A>; _[?_](opt<map<A,B>>,A) opt<B>
size(string) int; size(bytes) int; size(list<A>) int; size(map<A,B>) int
string.size() int; bytes.size() int; list<A>.size() int; map<A,B>.size() int
type(A) type; dyn(A) dyn
int(int) int; int(uint) int; int(double) int; int(string) int; int(timestamp) int
uint(uint) uint; uint(int) uint; uint(double) uint; uint(string) uint
double(double) double; double(int) double; double(uint) double; double(string) double
bool(bool) bool; bool(string) bool
string(string) string; string(bool) string; string(int) string; string(uint) string; string(double) string; string(bytes) string
string(timestamp) string; string(duration) string; bytes(bytes) bytes; bytes(string) bytes
timestamp(timestamp) timestamp; timestamp(string) timestamp; timestamp(int) timestamp
duration(duration) duration; duration(string) duration; duration(int) duration
string.contains(string) bool; string.startsWith(string) bool; string.endsWith(string) bool; string.matches(string) bool; matches(string,string) bool
cel.@mapInsert(map<A,B>,A,B) map<A,B>; cel.@mapInsert(map<A,B>,map<A,B>) map<A,B>
`;

const EXTENSIONS = `
string.charAt(int) string; string.indexOf(string) int; string.indexOf(string,int) int; string.lastIndexOf(string) int
string.lastIndexOf(string,int) int; string.lowerAscii() string; string.upperAscii() string; string.trim() string
string.replace(string,string) string; string.replace(string,string,int) string; string.split(string) list<string>
string.split(string,int) list<string>; string.substring(int) string; string.substring(int,int) string
string.format(list<dyn>) string; strings.quote(string) string; jsonpatch.escapeKey(string) string; list<string>.join() string; list<string>.join(string) string
list<A>.isSorted() bool; list<A>.min() A; list<A>.max() A; list<A>.indexOf(A) int; list<A>.lastIndexOf(A) int
list<A>.distinct() list<A>; list<A>.flatten() list<dyn>; list<A>.flatten(int) list<dyn>; list<A>.reverse() list<A>; list<A>.sort() list<A>
list<A>.slice(int,int) list<A>; list<A>.first() opt<A>; list<A>.last() opt<A>; lists.range(int) list<int>
list<A>.@sortByAssociatedKeys(list<B>) list<A>
string.find(string) string; string.findAll(string) list<string>; string.findAll(string,int) list<string>
sets.contains(list<A>,list<A>) bool; sets.equivalent(list<A>,list<A>) bool; sets.intersects(list<A>,list<A>) bool
optional.of(A) opt<A>; optional.ofNonZeroValue(A) opt<A>; optional.none() opt<A>; opt<A>.value() A; opt<A>.hasValue() bool
opt<A>.or(opt<A>) opt<A>; opt<A>.orValue(A) A; optional.unwrap(list<opt<A>>) list<A>; list<opt<A>>.unwrapOpt() list<A>
`;

const KUBERNETES = `
url(string) url; isURL(string) bool; url.getScheme() string; url.getHost() string; url.getHostname() string; url.getPort() string
url.getEscapedPath() string; url.getQuery() map<string,list<string>>
quantity(string) quantity; isQuantity(string) bool; sign(quantity) int; quantity.isInteger() bool; quantity.asInteger() int
quantity.asApproximateFloat() double; quantity.isGreaterThan(quantity) bool; quantity.isLessThan(quantity) bool
quantity.compareTo(quantity) int; quantity.add(quantity) quantity; quantity.add(int) quantity; quantity.sub(quantity) quantity
quantity.sub(int) quantity
semver(string) semver; semver(string,bool) semver; isSemver(string) bool; isSemver(string,bool) bool; semver.isGreaterThan(semver) bool
semver.isLessThan(semver) bool; semver.compareTo(semver) int; semver.major() int; semver.minor() int; semver.patch() int
ip(string) ip; isIP(string) bool; ip.isCanonical(string) bool; ip.family() int; ip.isUnspecified() bool; ip.isLoopback() bool
ip.isLinkLocalMulticast() bool; ip.isLinkLocalUnicast() bool; ip.isGlobalUnicast() bool; string(ip) string
cidr(string) cidr; isCIDR(string) bool; cidr.ip() ip; cidr.prefixLength() int; cidr.masked() cidr; string(cidr) string
cidr.containsIP(ip) bool; cidr.containsIP(string) bool; cidr.containsCIDR(cidr) bool; cidr.containsCIDR(string) bool
format.named(string) opt<format>; format.validate(string) opt<list<string>>
format.dns1123Label() format; format.dns1123Subdomain() format; format.dns1035Label() format; format.qualifiedName() format
format.dns1123LabelPrefix() format; format.dns1123SubdomainPrefix() format; format.dns1035LabelPrefix() format; format.labelValue() format
format.uri() format; format.uuid() format; format.byte() format; format.date() format; format.datetime() format
`;

const AUTHORIZER = `
authorizer.path(string) pathcheck; authorizer.group(string) groupcheck; authorizer.serviceAccount(string,string) authorizer
groupcheck.resource(string) resourcecheck; resourcecheck.subresource(string) resourcecheck; resourcecheck.namespace(string) resourcecheck
resourcecheck.name(string) resourcecheck; resourcecheck.fieldSelector(string) resourcecheck; resourcecheck.labelSelector(string) resourcecheck
pathcheck.check(string) decision; resourcecheck.check(string) decision; decision.allowed() bool; decision.reason() string
decision.errored() bool; decision.error() string
`;

/** Names of namespaced functions, which are called without a receiver. */
const SPACES = new Set(['strings', 'jsonpatch', 'lists', 'sets', 'optional', 'cel']);
const FORMAT_MAKERS = /^(dns|qualifiedName|labelValue|uri$|uuid$|byte$|date$|datetime$|named$)/;

function parseSignature(line: string): { readonly name: string; readonly signature: Signature } {
  const open = line.indexOf('(', line.startsWith('_') || line.startsWith('!') || line.startsWith('-') ? 2 : 0);
  const head = line.slice(0, open);
  const close = line.lastIndexOf(')');
  const args = splitTop(line.slice(open + 1, close)).map(readType);
  const result = readType(line.slice(close + 1).trim());
  const dot = head.includes('<') ? head.indexOf('.', head.lastIndexOf('>')) : head.indexOf('.');
  const owner = dot > 0 ? head.slice(0, dot) : '';
  const own = head.slice(dot + 1);
  const free =
    owner === '' || SPACES.has(owner) || (owner === 'format' && FORMAT_MAKERS.test(own)) || (owner === 'ip' && own === 'isCanonical');
  const name = free ? head : own;
  const params = free ? args : [readType(owner), ...args];
  return { name, signature: { id: line, member: !free, params, result } };
}

let table: Map<string, Signature[]> | undefined;

/** Overloads of a function by its name: members and free functions alike. */
export function signaturesOf(name: string): readonly Signature[] {
  table ??= build();
  return table.get(name) ?? [];
}

function build(): Map<string, Signature[]> {
  const lines = [CORE, EXTENSIONS, KUBERNETES, AUTHORIZER].flatMap(t => t.split(/[;\n]/)).map(l => l.trim());
  const more = [
    ...comparisons,
    ...arithmetic,
    ...parts.flatMap(p => [`timestamp.${p}() int`, `timestamp.${p}(string) int`]),
    ...clock.flatMap(p => [`timestamp.${p}() int`, `timestamp.${p}(string) int`, `duration.${p}() int`]),
    ...SUMMABLE.map(t => `list<${t}>.sum() ${t}`),
  ];
  const made = new Map<string, Signature[]>();
  for (const line of [...lines.filter(Boolean), ...more]) {
    const { name, signature } = parseSignature(line);
    made.set(name, [...(made.get(name) ?? []), signature]);
  }
  return made;
}
