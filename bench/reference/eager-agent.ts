// The agent from its sources, with everything loaded before it listens: without bundling and lazy loading.
import '../../agent/src/app.ts';
import '../../agent/src/main.ts';
