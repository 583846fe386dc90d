/** The bridge: one frozen object, and the port to the backend handed on to the page. Nothing of Node or Electron leaks. */
import { contextBridge, ipcRenderer, webUtils } from 'electron';

contextBridge.exposeInMainWorld(
  'weft',
  Object.freeze({ kind: 'electron', pathForFile: (file: File) => webUtils.getPathForFile(file) }),
);

ipcRenderer.on('weft-port', (event) => {
  // No frame inside the page is handed the port, whatever loads this file.
  if (window.top !== window) return;
  window.postMessage({ type: 'weft-port' }, window.location.origin, event.ports);
});
