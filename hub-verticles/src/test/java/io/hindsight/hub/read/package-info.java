@NullMarked
package io.hindsight.hub.read;

import org.jspecify.annotations.NullMarked;
