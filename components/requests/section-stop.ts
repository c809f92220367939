/**
 * For the sections that `SectionNav` leads to: they stop below the navigation. In a file of its own, since a server
 * component gets no plain values from a client's module.
 */
export const sectionStop = "scroll-mt-[calc(var(--sticky-top,0px)+3.75rem)]";
