/**
 * The dependency rule: core → projects → main; core → renderer; core/contract → preload.
 * `exceptions` is the one list of what may break it, each with its reason; it may only get shorter.
 */
const exceptions = {
  // core/technique/generate-index.ts is a build script: it reads folders, so it needs node:.
  coreNode: '^core/technique/generate-index\\.ts$',
};

// test-support.ts beside tests is theirs alone.
const tests = '\\.test\\.ts$|/test-support\\.ts$|^tests/';

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'core-imports-only-core',
      severity: 'error',
      from: { path: '^core/', pathNot: tests },
      to: { path: '^(projects|main|preload|renderer|tests)/' },
    },
    {
      name: 'core-has-no-node',
      severity: 'error',
      from: { path: '^core/', pathNot: [tests, exceptions.coreNode] },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'core-packages',
      comment: 'core may use only these packages',
      severity: 'error',
      from: { path: '^core/', pathNot: tests },
      to: {
        dependencyTypes: ['npm', 'npm-dev'],
        pathNot: 'node_modules/(@noble/hashes|zod|@orpc/contract|highs|yaml)/',
      },
    },
    {
      name: 'solver-behind-facade',
      severity: 'error',
      from: { pathNot: ['^core/solver/highs\\.ts$', tests] },
      to: { path: 'node_modules/highs/' },
    },
    {
      name: 'projects-import-core',
      severity: 'error',
      from: { path: '^projects/', pathNot: tests },
      to: { path: '^(main|preload|renderer|tests)/' },
    },
    {
      name: 'main-not-renderer',
      severity: 'error',
      from: { path: '^main/', pathNot: tests },
      to: { path: '^(renderer|preload|tests)/' },
    },
    {
      name: 'preload-imports-contract',
      severity: 'error',
      from: { path: '^preload/', pathNot: tests },
      to: { path: '^(core/(?!contract/)|projects|main|renderer|tests)/' },
    },
    {
      name: 'renderer-imports-core',
      severity: 'error',
      from: { path: '^renderer/', pathNot: tests },
      to: { path: '^(projects|main|preload|tests)/' },
    },
    {
      name: 'renderer-has-no-node',
      severity: 'error',
      from: { path: '^renderer/', pathNot: tests },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'vue-flow-only-in-canvas',
      severity: 'error',
      from: { pathNot: '^renderer/canvas/' },
      to: { path: 'node_modules/@vue-flow/' },
    },
    {
      name: 'electron-only-in-its-places',
      severity: 'error',
      from: { pathNot: ['^main/(index|window/.*)\\.ts$', '^preload/', tests] },
      to: { path: 'node_modules/electron/' },
    },
    {
      name: 'techniques-apart',
      comment: 'techniques never import each other',
      severity: 'error',
      from: { path: '^core/techniques/([^/]+/[^/]+)/' },
      to: { path: '^core/techniques/[^/]+/', pathNot: '^core/techniques/$1/' },
    },
    {
      name: 'techniques-through-registry',
      severity: 'error',
      from: { path: '^core/', pathNot: ['^core/techniques/', '^core/technique/registry\\.ts$', tests] },
      to: { path: '^core/techniques/' },
    },
    {
      name: 'test-support-only-for-tests',
      severity: 'error',
      from: { pathNot: tests },
      to: { path: '/test-support\\.ts$' },
    },
    { name: 'resolvable', severity: 'error', from: {}, to: { couldNotResolve: true, pathNot: '\\?worker|\\?url' } },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(out|dist|node_modules/(?!highs|electron|@vue-flow|@noble|zod|@orpc))' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
      extensions: ['.ts', '.vue', '.js', '.mjs', '.json'],
    },
  },
};
