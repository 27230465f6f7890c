/** The bridge for programs: other languages and other machines use the Hub's bus addresses over WebSocket, SockJS or TCP, as what HTTP lets them do. */
@NullMarked
package io.hindsight.hub.bridge;

import org.jspecify.annotations.NullMarked;
