/** Packets as tshark reads them. */
@NullMarked
package io.hindsight.hub.packet;

import org.jspecify.annotations.NullMarked;
