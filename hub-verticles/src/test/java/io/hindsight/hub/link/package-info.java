@NullMarked
package io.hindsight.hub.link;

import org.jspecify.annotations.NullMarked;
