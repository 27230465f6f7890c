/** Tests of the link, against Vert.x Web's own bridge. */
@NullMarked
package io.hindsight.agent.link;

import org.jspecify.annotations.NullMarked;
