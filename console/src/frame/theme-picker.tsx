import { type MantineColorScheme, Menu, useMantineColorScheme } from "@mantine/core";
import type { ReactElement } from "react";
import { Icon, type IconName } from "../icons/icon.tsx";

const themes: readonly { readonly value: MantineColorScheme; readonly label: string; readonly icon: IconName }[] = [
  { value: "light", label: "Light", icon: "sun" },
  { value: "dark", label: "Dark", icon: "moon" },
  { value: "auto", label: "As the system has it", icon: "system" },
];

export function ThemePicker(): ReactElement {
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const current = themes.find((t) => t.value === colorScheme) ?? themes[2];
  return (
    <Menu position="bottom-end" transitionProps={{ duration: 0 }} offset={4}>
      <Menu.Target>
        <button type="button" className="icon-button" aria-label={`Theme: ${current?.label}`}>
          <Icon name={current?.icon ?? "system"} />
        </button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.RadioGroup value={colorScheme} onChange={(value) => setColorScheme(value as MantineColorScheme)}>
          {themes.map((theme) => (
            <Menu.RadioItem key={theme.value} value={theme.value} rightSection={<Icon name={theme.icon} size={14} />}>
              {theme.label}
            </Menu.RadioItem>
          ))}
        </Menu.RadioGroup>
      </Menu.Dropdown>
    </Menu>
  );
}
