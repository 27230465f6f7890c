/** Event-bus addresses, messages and codecs: the protocol between agents and Hub. */
@NullMarked
package io.hindsight.bus;

import org.jspecify.annotations.NullMarked;
