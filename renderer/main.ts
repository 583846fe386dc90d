/** The renderer's entry: theme, stores, host, app. */
import { createPinia } from 'pinia';
import { createApp } from 'vue';
import App from './App.vue';
import { openHost } from './client/host.ts';
import { useNotices } from './client/notices-store.ts';
import { problemOf } from './client/problem.ts';
import { useSession } from './client/session-store.ts';
import './styles/base.css';
import { installTheme } from './widgets/theme.ts';

installTheme(document.documentElement);
const app = createApp(App);
app.use(createPinia());
const session = useSession();
const notices = useNotices();
openHost(window).then(session.attach, (error: unknown) => {
  session.connection = 'disconnected';
  notices.show(problemOf(error));
});
app.mount('#app');
